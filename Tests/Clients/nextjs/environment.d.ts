// What Next.js brings along (@types/node), as far as the example needs it.
declare const process: { env: Record<string, string | undefined> };
