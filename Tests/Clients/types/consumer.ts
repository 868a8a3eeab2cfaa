// A program that uses the client as a page does. It must compile, but for the lines that say that they must not.
import { AdelanteClient, Cursor, afterClose, expiryOf, follow } from "adelante-client";
import type { Appointment, ClientEvents, Delivered, ServerEvent, SubscribeCommand, TelegramStatus } from "adelante-client";

const client = new AdelanteClient({
  url: "wss://crm.example/ws",
  token: () => localStorage.getItem("auth_token"),
  refresh: async () => null,
});

// An event's data is that of its type.
client.on("appointment:updated", (event) => {
  const visit: Appointment = event.data;
  const seq: number = event.seq;
  const version: number = event.version;
  const text: string = `${visit.clientName} ${visit.startTime} ${seq} ${version} ${event.latency ?? 0} ${event.repeated}`;
  // @ts-expect-error: the booked master may be missing
  const master: number = visit.staffId;
  // @ts-expect-error: a visit has no such field
  visit.client_name;
  return void [text, master];
});
client.on("appointment:deleted", ({ data }) => {
  const { id, date, staffId }: { id: number; date: string; staffId: number | null } = data;
  // @ts-expect-error: nothing else is left of it
  data.clientName;
  return void [id, date, staffId];
});
client.on("notification:new", ({ data }) => void [data.title, data.unreadCount + 1, data.isRead]);
client.on("notification:read", ({ data }) => void data.ids.map((id: string) => id));
client.on("telegram:status", ({ data, topic }) => {
  const status: TelegramStatus["status"] = data.status;
  const code: `telegram:${string}` = topic;
  // @ts-expect-error: there is no such status
  if (data.status === "done") return;
  return void [status, code];
});
client.on("client:created", ({ data }) => void data.firstName.trim());

// All events are one union, told apart by `type`.
client.on("event", (event) => {
  switch (event.type) {
    case "appointment:created":
    case "appointment:updated":
      return draw(event.data);
    case "appointment:deleted":
      return void event.data.date;
    case "service:created":
      return void event.data.duration.toFixed();
  }
  // @ts-expect-error: what kind of event this is was not asked
  event.data.clientName;
});

// What the client tells of itself.
client.on("state", ({ state, retryAt, why }) => {
  if (state === "waiting") return void new Date(retryAt ?? 0);
  if (state === "stopped" && why === "login") location.assign("/login");
  // @ts-expect-error: there is no such state
  return state === "open";
});
client.on("reload", ({ topic, seq, epoch }) => client.subscribe(topic as "appointments", { seq, epoch }));
client.on("denied", ({ code }) => code === "forbidden");
const stop: () => void = client.on("gap", ({ after, upTo }) => void (upTo - after));
stop();
client.addEventListener("position", (event) => void event.detail.seq);

// Topics are known by name.
client.subscribe("appointments", { seq: 41, epoch: "k3" });
client.subscribe("notifications");
client.subscribe(`telegram:${"x".repeat(43)}`);
const topics: SubscribeCommand["topic"][] = ["clients", "staff", "services", "settings"];
for (const topic of topics) client.unsubscribe(topic);

const asked: number | null = client.command({ type: "unsubscribe", topic: "clients" });
// @ts-expect-error: there is no such command
client.command({ type: "subscribed", topic: "clients" });
// @ts-expect-error: a typing error in a type of event
client.on("appointment:update", () => {});
// @ts-expect-error: a typing error in a topic
client.subscribe("apointments");
// @ts-expect-error: a position has its epoch
client.subscribe("appointments", { seq: 41 });
// @ts-expect-error: it needs an address
new AdelanteClient({ token: () => null });
// @ts-expect-error: refreshing takes time
new AdelanteClient({ url: "", refresh: () => "token" });
// @ts-expect-error: counters only count
client.counters.gapsHealed = 7;
// @ts-expect-error: nor is the state the page's
client.state = "live";

const healed: boolean = client.counters.gapsFound === client.counters.gapsHealed;
const position: number = client.position("appointments")?.seq ?? 0;
const moment: number = client.clock.serverNow() + client.clock.offset;
const cursor = new Cursor({ seq: 4, epoch: "e" });
const verdict: "continue" | "reload" = cursor.subscribed({ seq: 4, epoch: "e", recovered: true });
if (cursor.event(5) === "deliver" && afterClose(4401, "", 0).action === "refresh") void expiryOf("a.b.c");
// @ts-expect-error: a cursor never says so
cursor.event(6) === "delivered";

function draw(visit: Appointment): void {
  const services: string[] = visit.services.map((line) => line.name);
  void services;
}

// A list that is kept live knows its topic's events, and no others.
const list = follow(client, "appointments", {
  load: async () => ({ rows: [] as Appointment[], seq: 41, epoch: "k3" }),
  snapshot: (rows) => rows.forEach(draw),
  event: (event) => {
    // @ts-expect-error: of another topic
    if (event.type === "notification:new") return;
    if (event.type === "appointment:created" || event.type === "appointment:updated") return draw(event.data);
    if (event.type === "appointment:deleted") return void event.data.date;
  },
});
list.stop();
// @ts-expect-error: a snapshot has its position
follow(client, "staff", { load: async () => ({ rows: [] }), snapshot() {}, event() {} });

// For functions of one's own.
function heard<Type extends keyof ClientEvents>(type: Type, event: ClientEvents[Type]): void {
  void [type, event];
}
declare const updated: Delivered<Extract<ServerEvent, { type: "appointment:updated" }>>;
heard("appointment:updated", updated);
// @ts-expect-error: another event
heard("notification:new", updated);

// Another WebSocket, as Node before 22 needs.
class OtherSocket {
  readyState = 0;
  onopen: ((event: { type: string }) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  constructor(readonly url: string | URL, readonly protocols?: string | string[]) {}
  send(_data: string | Uint8Array): void {}
  close(_code?: number, _reason?: string): void {}
}
new AdelanteClient({ url: "ws://localhost:8000/ws", WebSocket: OtherSocket });

export { asked, healed, position, moment, verdict };
