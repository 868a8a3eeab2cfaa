/** What a server renders of the hooks, as Next.js has it do before the browser takes over. */
import { renderToString } from "react-dom/server";
import { AdelanteProvider, useConnection } from "../lib/AdelanteProvider";
import { TelegramLogin } from "../components/TelegramLogin";
import { useAppointmentsLive } from "../hooks/useAppointmentsLive";
import { useNotificationsLive } from "../hooks/useNotificationsLive";

function Page() {
  const { appointments } = useAppointmentsLive("2026-05-18");
  const { notifications, unreadCount } = useNotificationsLive();
  return <p>{JSON.stringify([appointments, notifications, unreadCount, useConnection().state])}</p>;
}

console.log(
  renderToString(
    <AdelanteProvider>
      <Page />
      <TelegramLogin onSignedIn={() => {}} />
    </AdelanteProvider>,
  ),
);
