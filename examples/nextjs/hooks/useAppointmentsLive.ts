"use client";

/** A day's visits as the server has them, whoever changes them at whichever desk. */
import type { Appointment, EventOf } from "adelante-client";
import { useLiveList } from "./useLiveList";

export interface AppointmentsLive {
  /** In the order of their times; null until they were loaded for the first time. */
  appointments: Appointment[] | null;
  error: Error | null;
}

/** @param date of the salon's calendar, such as `2026-05-18` */
export function useAppointmentsLive(date: string): AppointmentsLive {
  const { list, error } = useLiveList(
    "appointments",
    date,
    async (api) => {
      const { rows, ...position } = await api.appointments(date);
      return { rows: [...rows].sort(inOrder), ...position };
    },
    (visits, event) => applied(visits, event, date),
  );
  return { appointments: list, error };
}

/** The day after an event. A visit that moved to another day is gone from this one. */
export function applied(visits: Appointment[], event: EventOf<"appointments">, date: string): Appointment[] {
  switch (event.type) {
    case "appointment:created":
    case "appointment:updated": {
      const others = visits.filter((visit) => visit.id !== event.data.id);
      return event.data.date === date ? [...others, event.data].sort(inOrder) : others;
    }
    case "appointment:deleted":
      return visits.filter((visit) => visit.id !== event.data.id);
    default:
      return visits;
  }
}

function inOrder(a: Appointment, b: Appointment): number {
  return a.startTime.localeCompare(b.startTime) || a.id - b.id;
}
