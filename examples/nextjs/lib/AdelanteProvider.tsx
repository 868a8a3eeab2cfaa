"use client";

/** One socket for the whole page. It lives as long as somebody is signed in, and goes on with every new token. */
import { createContext, useContext, useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { AdelanteClient } from "adelante-client";
import type { ClientState } from "adelante-client";
import { Api } from "./api";
import { tokens } from "./tokens";

interface Adelante {
  api: Api;
  /** The socket's address. */
  socket: string;
  client: AdelanteClient;
  /** Lists are loaded from then on. */
  isSignedIn: boolean;
}

const Context = createContext<Adelante | null>(null);

export interface AdelanteProviderProps {
  children: ReactNode;
  /** `NEXT_PUBLIC_API_URL`, if it is not given. */
  api?: string;
  /** `NEXT_PUBLIC_WS_URL`, if it is not given. */
  socket?: string;
  /** The login ended: to the login page. */
  onSignedOut?: () => void;
}

export function AdelanteProvider({
  children,
  api = process.env.NEXT_PUBLIC_API_URL ?? "http://localhost:8000/api/v1",
  socket = process.env.NEXT_PUBLIC_WS_URL ?? "ws://localhost:8000/ws",
  onSignedOut,
}: AdelanteProviderProps) {
  // On the server, which renders this too, and in the browser's first picture nobody is signed in yet.
  const [login, setLogin] = useState<string | null>(null);
  // With every login the socket is another one, so that nothing of the last person's is left.
  const value = useMemo(
    () => (typeof window === "undefined" ? null : make(api, socket, login !== null)),
    [api, socket, login],
  );

  useEffect(() => {
    const look = () => setLogin(tokens.login());
    look();
    return tokens.onChange(look);
  }, []);

  useEffect(() => {
    if (!value?.isSignedIn) return;
    value.client.connect();
    const stopListening = tokens.onChange(() => value.client.tokenChanged());
    return () => {
      stopListening();
      value.client.close();
    };
  }, [value]);

  useEffect(
    () =>
      value?.client.on("state", ({ state, why }) => {
        if (state !== "stopped" || why !== "login") return;
        tokens.drop();
        onSignedOut?.();
      }),
    [value, onSignedOut],
  );

  return <Context.Provider value={value}>{children}</Context.Provider>;
}

function make(base: string, socket: string, isSignedIn: boolean): Adelante {
  const api = new Api(base);
  let used: string | null = null;
  const client = new AdelanteClient({
    url: socket,
    token: () => (used = tokens.access()),
    refresh: () => api.refresh(used),
  });
  return { api, socket, client, isSignedIn };
}

/** Null while Next.js renders on the server. */
export function useAdelante(): Adelante | null {
  return useContext(Context);
}

export interface Connection {
  state: ClientState;
  /** When the next attempt is made, in ms since 1970; with `waiting`. */
  retryAt: number | null;
  /** Don't wait for it. */
  retryNow: () => void;
}

/** How the line stands: for the small sign in the corner. */
export function useConnection(): Connection {
  const client = useAdelante()?.client;
  const [, redraw] = useState(0);
  useEffect(() => client?.on("state", () => redraw((n) => n + 1)), [client]);
  return { state: client?.state ?? "idle", retryAt: client?.retryAt ?? null, retryNow: () => client?.retryNow() };
}
