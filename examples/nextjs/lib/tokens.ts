/** The tokens where such a frontend keeps them: localStorage `auth_token` and `refresh_token`, and a cookie for its middleware. */

const ACCESS = "auth_token";
const REFRESH = "refresh_token";
const COOKIE_SECONDS = 86_400;

export interface TokenPair {
  access_token: string;
  refresh_token?: string;
}

type Listener = () => void;
const listeners = new Set<Listener>();
const tell = () => listeners.forEach((listener) => listener());

/** On the server, where Next.js renders too, nobody is signed in. */
const storage = () => (typeof window === "undefined" ? null : window.localStorage);

export const tokens = {
  access: (): string | null => storage()?.getItem(ACCESS) ?? null,
  refresh: (): string | null => storage()?.getItem(REFRESH) ?? null,

  /** Names the login: refreshing does not change it, another login does. Null: nobody is signed in. */
  login: (): string | null => (tokens.access() === null ? null : (tokens.refresh() ?? "")),

  /** After a login, and after every refresh. */
  keep(pair: TokenPair): void {
    storage()?.setItem(ACCESS, pair.access_token);
    if (pair.refresh_token) storage()?.setItem(REFRESH, pair.refresh_token);
    document.cookie = `${ACCESS}=${pair.access_token}; max-age=${COOKIE_SECONDS}; path=/; SameSite=Lax`;
    tell();
  },

  /** The login ended. */
  drop(): void {
    storage()?.removeItem(ACCESS);
    storage()?.removeItem(REFRESH);
    document.cookie = `${ACCESS}=; max-age=0; path=/; SameSite=Lax`;
    tell();
  },

  /** Tells of every change, those of other windows too. What it returns ends that. */
  onChange(listener: Listener): () => void {
    const elsewhere = ({ key }: StorageEvent) => {
      if (key === ACCESS || key === REFRESH || key === null) listener();
    };
    listeners.add(listener);
    window.addEventListener("storage", elsewhere);
    return () => {
      listeners.delete(listener);
      window.removeEventListener("storage", elsewhere);
    };
  },
};
