/** A page as a frontend would have it, on the hooks of examples/nextjs: a login, a day, the bell. `?api=…&socket=…&date=…` */
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { AdelanteProvider, useConnection } from "../lib/AdelanteProvider";
import { TelegramLogin } from "../components/TelegramLogin";
import { useAppointmentsLive } from "../hooks/useAppointmentsLive";
import { useNotificationsLive } from "../hooks/useNotificationsLive";
import { tokens } from "../lib/tokens";

const asked = new URLSearchParams(location.search);

function Day({ date, name }: { date: string; name: string }) {
  const { appointments, error } = useAppointmentsLive(date);
  return (
    <section data-testid={name} data-loaded={appointments !== null} data-error={error?.message}>
      <h2>{date}</h2>
      <ol>
        {appointments?.map((visit) => (
          <li key={visit.id} data-testid={`${name}-visit`} data-version={visit.version}>
            {visit.startTime} {visit.clientName}: {visit.service}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Bell() {
  const { notifications, unreadCount, markAllRead, remove } = useNotificationsLive();
  return (
    <section data-testid="bell" data-loaded={notifications !== null}>
      <b data-testid="unread">{unreadCount}</b>
      <button data-testid="read-all" onClick={() => void markAllRead()}>
        Прочитано
      </button>
      <ul>
        {notifications?.map((one) => (
          <li key={one.id} data-testid="notification" data-read={one.isRead}>
            {one.message}
            <button data-testid="remove" onClick={() => void remove(one.id)}>
              ×
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Page() {
  const [person, setPerson] = useState(tokens.access() ? "?" : null);
  const [date, setDate] = useState(asked.get("date") ?? "2026-05-18");
  const [isAway, setAway] = useState(false);
  return (
    <AdelanteProvider api={asked.get("api")!} socket={asked.get("socket")!} onSignedOut={() => setPerson(null)}>
      {person === null ? (
        <>
          <button data-testid="leave" onClick={() => setAway(true)}>
            Далі без входу
          </button>
          {!isAway && <TelegramLogin onSignedIn={(user) => setPerson(user.first_name)} />}
        </>
      ) : (
        <main data-testid="page" data-person={person}>
          <Line />
          <input data-testid="date" value={date} onChange={(event) => setDate(event.target.value)} />
          <Day date={date} name="day" />
          <Day date={date} name="twin" />
          <Bell />
        </main>
      )}
    </AdelanteProvider>
  );
}

function Line() {
  return <i data-testid="line">{useConnection().state}</i>;
}

// Strict, as Next.js is: in development every effect runs, ends, and runs again.
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
