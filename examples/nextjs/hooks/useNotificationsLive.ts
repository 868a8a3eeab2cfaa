"use client";

/** The bell: what is new on this device and read on another. */
import type { EventOf, Notification, NotificationList } from "adelante-client";
import { useAdelante } from "../lib/AdelanteProvider";
import { useLiveList } from "./useLiveList";

/** As many as one page of the list has. */
const KEPT = 50;

export interface NotificationsLive {
  /** Newest first; null until they were loaded for the first time. */
  notifications: Notification[] | null;
  unreadCount: number;
  error: Error | null;
  markRead: (id: string) => Promise<void>;
  markAllRead: () => Promise<void>;
  remove: (id: string) => Promise<void>;
}

type Bell = Pick<NotificationList, "data" | "unreadCount">;

export function useNotificationsLive(): NotificationsLive {
  const api = useAdelante()?.api;
  const { list, error } = useLiveList<"notifications", Bell>("notifications", "", (rest) => rest.notifications(), applied);
  return {
    notifications: list?.data ?? null,
    unreadCount: list?.unreadCount ?? 0,
    error,
    // What these change comes back as an event, here as on every other device.
    markRead: async (id) => api?.markRead(id),
    markAllRead: async () => api?.markAllRead(),
    remove: async (id) => api?.removeNotification(id),
  };
}

export function applied(bell: Bell, event: EventOf<"notifications">): Bell {
  switch (event.type) {
    case "notification:new": {
      const { unreadCount, ...news } = event.data;
      return { data: [news, ...bell.data.filter(({ id }) => id !== news.id)].slice(0, KEPT), unreadCount };
    }
    case "notification:read": {
      const ids = new Set(event.data.ids);
      const data = bell.data.map((one) => (ids.has(one.id) ? { ...one, read: true, isRead: true } : one));
      return { data, unreadCount: event.data.unreadCount };
    }
    case "notification:deleted":
      return { data: bell.data.filter(({ id }) => id !== event.data.id), unreadCount: event.data.unreadCount };
    default:
      return bell;
  }
}
