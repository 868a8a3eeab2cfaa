"use client";

/** A login through Telegram from the wish to the tokens. */
import { useCallback, useEffect, useRef, useState } from "react";
import { AdelanteClient } from "adelante-client";
import type { InitAnswer, TelegramStatus, User } from "adelante-client";
import { useAdelante } from "../lib/AdelanteProvider";
import { RequestFailed } from "../lib/api";
import { tokens } from "../lib/tokens";

const GRACE = 3_000;

export type TelegramPhase =
  | { phase: "idle" | "starting" | "taking" | "done" }
  | { phase: "waiting"; begun: InitAnswer; status: TelegramStatus["status"]; isLive: boolean }
  | { phase: "over"; status: TelegramStatus["status"]; reason: TelegramStatus["reason"] | null }
  /** The code is still good for `again` if only its tokens could not be fetched. */
  | { phase: "failed"; error: RequestFailed };

export interface TelegramLogin {
  state: TelegramPhase;
  /** Begins, or goes on after `over` and `failed`. */
  start: () => void;
  cancel: () => void;
}

/**
 * @param onSignedIn the tokens are in their place
 * @param salon whose people sign in here; needed where the server has several and new people may register
 */
export function useTelegramLogin(onSignedIn: (user: User) => void, salon?: number): TelegramLogin {
  const adelante = useAdelante();
  const [state, setState] = useState<TelegramPhase>({ phase: "idle" });
  const socket = useRef<AdelanteClient | null>(null);
  /** A code that was confirmed, and whose tokens are still to be taken. */
  const confirmed = useRef<string | null>(null);
  const turn = useRef(0);
  /** The server tells of the end itself; a page whose line is lost then does not wait for it for ever. */
  const end = useRef<ReturnType<typeof setTimeout>>();
  const entered = useRef(onSignedIn);
  entered.current = onSignedIn;

  const stop = useCallback(() => {
    turn.current += 1;
    clearTimeout(end.current);
    socket.current?.close();
    socket.current = null;
    return turn.current;
  }, []);
  useEffect(() => () => void stop(), [stop]);

  const take = useCallback(async (code: string) => {
    if (!adelante) return;
    const mine = stop();
    confirmed.current = code;
    setState({ phase: "taking" });
    try {
      const { status, reason, access_token, refresh_token, user } = await adelante.api.takeTelegram(code);
      // The server gives them once: they are kept though the login may not be on the page any more, unless it was cancelled.
      if (access_token && user && confirmed.current === code) tokens.keep({ access_token, refresh_token });
      if (mine !== turn.current) return;
      confirmed.current = null;
      if (!access_token || !user) return setState({ phase: "over", status, reason: reason ?? null });
      setState({ phase: "done" });
      entered.current(user);
    } catch (error) {
      if (mine === turn.current) setState({ phase: "failed", error: failure(error) });
    }
  }, [adelante, stop]);

  /** The code's own socket, which needs no login. It comes back by itself, and is told the present state then. */
  const watch = useCallback((begun: InitAnswer, url: string) => {
    const topic = `telegram:${begun.auth_code}` as const;
    const client = new AdelanteClient({ url });
    const over = (status: TelegramStatus["status"], reason: TelegramStatus["reason"] | null) => {
      stop();
      setState({ phase: "over", status, reason });
    };
    const expectEnd = (seconds: number) => {
      clearTimeout(end.current);
      end.current = setTimeout(() => over("expired", null), seconds * 1000 + GRACE);
    };
    client.on("telegram:status", ({ data: { status, reason, expires_in } }) => {
      if (expires_in) expectEnd(expires_in);
      if (status === "completed") return void take(begun.auth_code);
      if (status === "cancelled" || status === "expired") return over(status, reason ?? null);
      setState({ phase: "waiting", begun, status, isLive: true });
    });
    client.on("denied", () => over("expired", null));
    client.on("state", ({ state: line }) =>
      setState((before) => (before.phase === "waiting" ? { ...before, isLive: line === "live" } : before)),
    );
    client.subscribe(topic);
    client.connect();
    expectEnd(begun.expires_in);
    socket.current = client;
    setState({ phase: "waiting", begun, status: "pending", isLive: true });
  }, [stop, take]);

  const start = useCallback(async () => {
    if (!adelante) return;
    if (confirmed.current) return take(confirmed.current);
    const mine = stop();
    setState({ phase: "starting" });
    try {
      const begun = await adelante.api.beginTelegram(salon);
      if (mine === turn.current) watch(begun, adelante.socket);
    } catch (error) {
      if (mine === turn.current) setState({ phase: "failed", error: failure(error) });
    }
  }, [adelante, salon, stop, take, watch]);

  const cancel = useCallback(() => {
    stop();
    confirmed.current = null;
    setState({ phase: "idle" });
  }, [stop]);

  return { state, start: () => void start(), cancel };
}

function failure(error: unknown): RequestFailed {
  return error instanceof RequestFailed ? error : new RequestFailed(0, null, String(error));
}
