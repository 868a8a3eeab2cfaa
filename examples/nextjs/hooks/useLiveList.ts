"use client";

/** What the hooks for single topics share: a list that is loaded, kept up by events, and loaded anew when it has to be. */
import { useEffect, useRef, useState } from "react";
import { follow } from "adelante-client";
import type { EventOf, ServerEvent, Snapshot } from "adelante-client";
import { useAdelante } from "../lib/AdelanteProvider";
import { Api, RequestFailed } from "../lib/api";

export interface LiveList<List> {
  /** Null until it was loaded for the first time. */
  list: List | null;
  /** Why it could not be loaded; it is tried again by itself, unless the error is final. */
  error: Error | null;
}

/** @param key with another one the list is another, and begins with null */
export function useLiveList<Topic extends ServerEvent["topic"], List>(
  topic: Topic,
  key: string,
  load: (api: Api) => Promise<Snapshot<List>>,
  apply: (list: List, event: EventOf<Topic>) => List,
): LiveList<List> {
  const adelante = useAdelante();
  const [state, setState] = useState<LiveList<List> & { key: string }>({ key, list: null, error: null });
  const parts = useRef({ load, apply });
  parts.current = { load, apply };

  useEffect(() => {
    if (!adelante?.isSignedIn) return;
    const { client, api } = adelante;
    const change = (to: (before: LiveList<List>) => LiveList<List>) =>
      setState((before) => ({ key, ...to(before.key === key ? before : { list: null, error: null }) }));
    const live = follow(client, topic, {
      load: () => parts.current.load(api),
      snapshot: (list) => change(() => ({ list, error: null })),
      event: (event) => change(({ list, error }) => ({ list: list && parts.current.apply(list, event), error })),
      failed: (error) => {
        change(({ list }) => ({ list, error: error as Error }));
        return !(error instanceof RequestFailed && error.isFinal);
      },
    });
    return () => live.stop();
  }, [adelante, topic, key]);

  return state.key === key ? { list: state.list, error: state.error } : { list: null, error: null };
}
