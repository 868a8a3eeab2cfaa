// Made by scripts/types from Protocol/ and adelante-client.d.ts.in: change those, not this.

// ---- The client

/** Where a topic stood: `X-Topic-Seq` and `X-Topic-Epoch` of a list, or `position()` of an earlier client. */
export interface Position {
  seq: number;
  epoch: string;
}

/** How an event comes to a listener. */
export type Delivered<Event> = Event & {
  /** Milliseconds from the commit to its arrival, by the server's clock; null for what has no time. */
  latency: number | null;
  /** It was delivered before, and asked for again by subscribing from a lower position. */
  repeated: boolean;
};

export type ClientState = "idle" | "connecting" | "live" | "waiting" | "stopped";

/** What the client tells of itself. */
export interface LocalEvents {
  /** All of the server's events. */
  event: Delivered<ServerEvent>;
  /** `why` with `stopped`: to the login page, or not allowed here. `retryAt` in ms of the own clock, with `waiting`. */
  state: { state: ClientState; retryAt: number | null; why: "login" | "forbidden" | null };
  subscribed: Extract<ServerReply, { type: "subscribed" }>;
  /** Events were lost for good: read the snapshot, then `subscribe` with its position. */
  reload: { topic: string; seq: number; epoch: string };
  /** The topic is not followed any more. */
  denied: { topic: string; code: ErrorReply["code"] };
  gap: { topic: string; after: number; upTo: number };
  healed: { topic: string; seq: number };
  position: { topic: string; seq: number | null };
  pong: { heads: PongReply["heads"]; offset: number; uncertainty: number };
  /** Who is in a room that was entered, whenever that changes. */
  presence: { room: string; members: (Member & { you: boolean })[] };
  /** The slots that desks are booking, whenever that changes. */
  holds: { holds: (Hold & { own: boolean })[] };
  error: ErrorReply;
}

/** Every type of event with what its listener gets. */
export type ClientEvents = { [Event in ServerEvent as Event["type"]]: Delivered<Event> } & LocalEvents;

export interface Counters {
  /** Delivered to listeners. */
  events: number;
  /** Came again and were dropped. */
  duplicates: number;
  /** Holes in the numbering, also those that only a pong's heads told. */
  gapsFound: number;
  /** Of those, filled without a reload. */
  gapsHealed: number;
  /** Asked of the page, since events were lost for good. */
  reloads: number;
  connections: number;
  refreshes: number;
}

/** What the client uses of a WebSocket: a browser's, Node's from 22 on, or that of the package `ws`. */
export interface SocketLike {
  readonly readyState: number;
  onopen: any;
  onmessage: any;
  onclose: any;
  onerror: any;
  send(text: string): void;
  close(code?: number): void;
}

export interface ClientOptions {
  /** `ws://…/ws` or `wss://…/ws`, without a query: the token travels as a subprotocol. */
  url: string;
  /** The current access token. Left out, the socket is anonymous and may follow only topics that need no login. */
  token?: () => string | null;
  /**
   * Gets a new access token; null: the session ended; a rejection: try later. Left out, the page brings a new one by itself and
   * calls `tokenChanged`.
   */
  refresh?: () => Promise<string | null>;
  /** The platform's, if it is not given. */
  WebSocket?: new (url: string, protocols: string[]) => SocketLike;
  /** Between 0 and 1. */
  random?: () => number;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Milliseconds, by a clock that nobody sets. */
  monotonic?: () => number;
}

/** How far the server's clock is ahead of this one, as pongs tell. */
export declare class ServerClock {
  constructor(now?: () => number);
  /** Milliseconds; 0 while unknown. */
  readonly offset: number;
  /** The offset is right within this many milliseconds; Infinity while unknown. */
  readonly uncertainty: number;
  /** Milliseconds since 1970. */
  serverNow(): number;
  sample(sent: number, received: number, serverTime: number): void;
  forget(): void;
}

/** What a desk books, before it is booked. */
export interface Slot {
  staffId: number;
  date: string;
  startTime: string;
  endTime: string;
}

/** Why a slot is not held. */
export declare class HoldError extends Error {
  readonly code: ErrorReply["code"] | "released";
  /** With `slot_held`, the one in the way. */
  readonly hold: Hold | null;
}

/** What desks say of themselves beside the log. */
export interface Desk {
  /** Who is in a room that was entered. */
  members(room: string): (Member & { you: boolean })[];
  /** The slots that are held, by any desk. */
  readonly holds: (Hold & { own: boolean })[];
}

/** Every event of a followed topic is delivered once and in order. */
export declare class AdelanteClient extends EventTarget {
  constructor(options: ClientOptions);
  readonly state: ClientState;
  readonly retryAt: number | null;
  readonly why: "login" | "forbidden" | null;
  readonly counters: Readonly<Counters>;
  readonly clock: ServerClock;
  readonly desk: Desk;

  /** Adds a listener; what it returns removes it. */
  on<Type extends keyof ClientEvents>(type: Type, listener: (event: ClientEvents[Type]) => void): () => void;
  addEventListener<Type extends keyof ClientEvents>(
    type: Type,
    listener: (event: CustomEvent<ClientEvents[Type]>) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;

  connect(): void;
  /** `connect` starts again, from the same positions. */
  close(): void;
  /** With a snapshot's position nothing is missed or repeated; without one, from now on, or on from where it is. */
  subscribe(topic: SubscribeCommand["topic"], position?: Position): void;
  unsubscribe(topic: SubscribeCommand["topic"]): void;
  /** How far this client is in a topic; null: it does not follow it. */
  position(topic: SubscribeCommand["topic"]): { seq: number | null; epoch: string | null } | null;
  /** Be in a room of the salon, also after a reconnect; `state` is what this desk says of itself. */
  enter(room: string, state?: Record<string, unknown>): void;
  leave(room: string): void;
  /**
   * Holds a slot until it is released. Resolves when it is held, also if that is only after a reconnect; rejects with a `HoldError`,
   * of the code `released` if it is let go of before.
   * `replacing`: an earlier hold, whose place this one takes; `while`: whether to go on, asked before it would end.
   */
  hold(slot: Slot, options?: { replacing?: { fence: number }; while?: () => boolean }): Promise<Hold>;
  release(slot: { fence: number } | Slot): void;
  /** Sends any other command. Its id, which its reply has too; null: there is no line to send it on. */
  command(command: ClientCommand): number | null;
  /** The page got a new access token elsewhere: the live socket goes on with it. */
  tokenChanged(): void;
  /** Is the line alive? One that does not answer within four seconds is replaced. */
  probe(): void;
  /** Don't wait for the next attempt. */
  retryNow(): void;
  /** Milliseconds from the commit of an event to now, by the server's clock. */
  latencyOf(event: { at: string }): number;
}

/** A list with the position that it was read at. */
export interface Snapshot<Rows> extends Position {
  rows: Rows;
}

/** Events of one topic. */
export type EventOf<Topic extends string> = Delivered<Extract<ServerEvent, { topic: Topic }>>;

/**
 * A list that stays as the server has it: a snapshot, then every event behind it, once and in order. Any number of lists may
 * follow one topic of one client; the last one that stops ends the subscription.
 */
export declare function follow<Topic extends ServerEvent["topic"], Rows>(
  client: AdelanteClient,
  topic: Topic,
  parts: {
    load(): Promise<Snapshot<Rows>>;
    /** Also after events were lost for good. */
    snapshot(rows: Rows): void;
    event(event: EventOf<Topic>): void;
    /** A load failed, or the topic may not be read (an error with `code`). Loads are tried again, unless it returns false. */
    failed?(error: unknown): boolean | void;
  },
): { reload(): void; stop(): void };

/** Where a client stands in one topic: a value for clients of one's own. */
export declare class Cursor {
  constructor(start?: { seq?: number | null; epoch?: string | null });
  last: number | null;
  epoch: string | null;
  highest: number;
  missingUpTo: number | null;
  acknowledged: boolean;
  request(): { since?: number; epoch?: string };
  rewind(position: Position): void;
  subscribed(reply: { seq?: number; epoch?: string; recovered?: boolean }): "continue" | "reload";
  event(seq: number): "deliver" | "repeat" | "heal" | "duplicate" | "gap" | "early";
  head(head: number): boolean;
}

/** What the protocol asks of a client after each close code. */
export declare function afterClose(
  code: number,
  reason: string,
  attempt: number,
  random?: () => number,
): { action: "reconnect" | "refresh" | "stop"; delay?: number; told?: boolean; why?: "login" | "forbidden" };
export declare function fullJitter(attempt: number, random?: () => number, base?: number, cap?: number): number;
/** When an access token ends, in ms of the server's clock; null when that cannot be read from it. */
export declare function expiryOf(token: string): number | null;

// ---- What the interface speaks of

export type AppointmentStatus = "scheduled" | "confirmed" | "arrived" | "no-show" | "cancelled" | "completed";

export type AppointmentType = "standard" | "important" | "special";

/** One of the services of a visit. */
export interface VisitLine {
  serviceId?: Id;
  name: string;
  price?: Money;
  /** Minutes. */
  duration?: number;
}

/**
 * A visit, the same in REST answers, conflict bodies and events. Fields without a value are absent, but for `staffId`. Roles
 * that may not see clients' phones get it without `clientPhone`.
 */
export interface Appointment {
  id: Id;
  clientId?: Id;
  clientName: string;
  clientPhone?: string;
  /** The booked master; null for a visit without one. */
  staffId: Id | null;
  staffName?: string;
  /** That of the first line. */
  serviceId?: Id;
  /** The names of all lines; the same text as `serviceName`. */
  service: string;
  serviceName: string;
  services: VisitLine[];
  date: LocalDate;
  startTime: LocalTime;
  /** Below `startTime`, it is the next day's. */
  endTime: LocalTime;
  status: AppointmentStatus;
  type: AppointmentType;
  price?: Money;
  /** How it is paid for; `cash` of a completed visit with a price of which nobody has said it. */
  paymentMethod?: string;
  notes?: string;
  /** There for a visit that was booked over another one on purpose. */
  allowOverlap?: true;
  version: Version;
  createdAt: Timestamp;
  updatedAt?: Timestamp;
}

/** A service of the price list by its id, or any text as its name. */
export interface VisitLineInput {
  serviceId?: IdInput;
  name?: Line;
  price?: MoneyInput;
  /** Minutes; also as a string of digits. */
  duration?: number | string | Cleared;
}

/**
 * What a visit can be given. `service` is a text of one or more names, separated by ", "; it becomes `services`, linked to
 * the price list where a name is found there. `services` wins over `serviceId`, which wins over `service`; a list of
 * `services` that is sent back as it is counts as not sent, so that with the present `version` another `serviceId` or
 * `service` beside it is what is meant. The `serviceId` that a visit has counts as not sent beside the text that it has, and
 * so does null where it has none.
 */
export interface AppointmentFields {
  clientId?: IdInput;
  clientName?: Line;
  clientPhone?: PhoneInput;
  staffId?: IdInput;
  serviceId?: IdInput;
  service?: Line;
  /** Read if `service` is absent. */
  serviceName?: Line;
  /**
   * Where each has a price and the visit is given none, the visit costs what they come to. Where it is given one, they are
   * scaled to it.
   */
  services?: VisitLineInput[] | null;
  date?: LocalDateInput;
  startTime?: LocalTimeInput;
  /** Differs from `startTime`; below it, it is the next day's. A visit lasts at most 16 hours. */
  endTime?: LocalTimeInput;
  status?: AppointmentStatus | Cleared;
  type?: AppointmentType | Cleared;
  price?: MoneyInput;
  /** cash, card, mixed, or the name of one of the salon's payment methods. */
  paymentMethod?: string | null;
  notes?: Prose;
  /** Book over another visit on purpose; admin and manager alone. */
  allowOverlap?: Switch;
  /** The number of a slot that the writer's desk holds (`slot:hold`); needed only if another login holds it. */
  fence?: IdInput;
}

/** Also needs `clientName` or `clientId`. */
export interface AppointmentCreate {
  clientId?: IdInput;
  clientName?: Line;
  clientPhone?: PhoneInput;
  staffId?: IdInput;
  serviceId?: IdInput;
  service?: Line;
  /** Read if `service` is absent. */
  serviceName?: Line;
  /**
   * Where each has a price and the visit is given none, the visit costs what they come to. Where it is given one, they are
   * scaled to it.
   */
  services?: VisitLineInput[] | null;
  date: LocalDateInput;
  startTime: LocalTimeInput;
  /** Differs from `startTime`; below it, it is the next day's. A visit lasts at most 16 hours. */
  endTime: LocalTimeInput;
  status?: AppointmentStatus | Cleared;
  type?: AppointmentType | Cleared;
  price?: MoneyInput;
  /** cash, card, mixed, or the name of one of the salon's payment methods. */
  paymentMethod?: string | null;
  notes?: Prose;
  /** Book over another visit on purpose; admin and manager alone. */
  allowOverlap?: Switch;
  /** The number of a slot that the writer's desk holds (`slot:hold`); needed only if another login holds it. */
  fence?: IdInput;
}

/** An absent field stays as it is; null takes it away, where it may be taken away. */
export interface AppointmentUpdate {
  clientId?: IdInput;
  clientName?: Line;
  clientPhone?: PhoneInput;
  staffId?: IdInput;
  serviceId?: IdInput;
  service?: Line;
  /** Read if `service` is absent. */
  serviceName?: Line;
  /**
   * Where each has a price and the visit is given none, the visit costs what they come to. Where it is given one, they are
   * scaled to it.
   */
  services?: VisitLineInput[] | null;
  date?: LocalDateInput;
  startTime?: LocalTimeInput;
  /** Differs from `startTime`; below it, it is the next day's. A visit lasts at most 16 hours. */
  endTime?: LocalTimeInput;
  status?: AppointmentStatus;
  type?: AppointmentType;
  price?: MoneyInput;
  /** cash, card, mixed, or the name of one of the salon's payment methods. */
  paymentMethod?: string | null;
  notes?: Prose;
  /** Book over another visit on purpose; admin and manager alone. */
  allowOverlap?: Switch;
  /** The number of a slot that the writer's desk holds (`slot:hold`); needed only if another login holds it. */
  fence?: IdInput;
  /** The version that the client has seen; `If-Match` goes before it. Without either the last write wins. */
  version?: IdInput;
}

export interface StatusUpdate {
  status: AppointmentStatus;
  version?: IdInput;
  fence?: IdInput;
}

/** What is left to say of a deleted visit. */
export interface AppointmentDeleted {
  id: Id;
  date: LocalDate;
  staffId: Id | null;
}

/** An account. Fields without a value are absent, but for the two of Telegram. */
export interface User {
  id: Id;
  salon_id: Id;
  email: string;
  first_name: string;
  last_name: string;
  phone?: string;
  role: Role;
  avatar?: string;
  is_active: boolean;
  is_verified: boolean;
  telegram_id: number | null;
  telegram_username: string | null;
  created_at: Timestamp;
}

/** The caller's own account, with what its role may do. */
export interface OwnAccount {
  id: Id;
  salon_id: Id;
  email: string;
  first_name: string;
  last_name: string;
  phone?: string;
  role: Role;
  avatar?: string;
  is_active: boolean;
  is_verified: boolean;
  telegram_id: number | null;
  telegram_username: string | null;
  created_at: Timestamp;
  permissions: Permission[];
}

/** A JWT (HS256) with the claims sub, exp, iat, type and sid. Treat it as opaque but for exp, in seconds since 1970. */
export type AccessToken = string;

export interface TokenAnswer {
  access_token: AccessToken;
  /** Good until it expires or its session ends; refreshing does not change it. */
  refresh_token: string;
  token_type: "bearer";
  user: OwnAccount;
}

export interface RefreshAnswer {
  access_token: AccessToken;
  /** The one that was sent. */
  refresh_token: string;
  token_type: "bearer";
}

export interface LoginRequest {
  email: Name;
  password: string;
}

export interface RefreshRequest {
  refresh_token: Name;
}

export interface RegisterRequest {
  email: EmailAddress;
  password: NewPassword;
  first_name: Name;
  last_name?: Line;
  phone?: PhoneInput;
  salon_name: Name;
}

export interface UserCreate {
  email: EmailAddress;
  password: NewPassword;
  first_name: Name;
  last_name?: Line;
  phone?: PhoneInput;
  role: Role;
}

/** What is absent stays. */
export interface UserChange {
  is_active?: boolean;
  role?: Role;
  /** Null takes the account's Telegram away, so that another account may have it. */
  telegram_id?: null;
}

/** Fields without a value are absent. */
export interface Profile {
  id: string;
  email: string;
  name: string;
  firstName: string;
  lastName: string;
  phone?: string;
  role: Role;
  avatar?: string;
  language?: "uk" | "en";
  birthDate?: LocalDate;
  address?: string;
  emergencyContact?: string;
  emergencyPhone?: string;
  /** Whatever a client keeps here. */
  preferences?: Record<string, unknown>;
}

/** What is absent stays; null takes a value away. */
export interface ProfileUpdate {
  email?: EmailAddress;
  name?: Name;
  firstName?: Name;
  lastName?: Line;
  phone?: PhoneInput;
  avatar?: Line;
  language?: "uk" | "en" | "" | null;
  birthDate?: DateInput;
  address?: Line;
  emergencyContact?: Line;
  emergencyPhone?: PhoneInput;
  /** At most 16 KiB, without U+0000; numbers have at most 30 digits and exponents of at most 30. */
  preferences?: Record<string, unknown> | null;
}

export interface SetupRequest {
  email: EmailAddress;
  password: NewPassword;
}

export interface ForgotPasswordRequest {
  email: EmailAddress;
}

export interface ResetPasswordRequest {
  /** 43 characters, as the letter has it. */
  token: string;
  password?: NewPassword;
  /** Read if `password` is absent. */
  newPassword?: NewPassword;
}

/** Fields without a value are absent. Roles that may not see clients' phones get `phone` as an empty text. */
export interface Client {
  id: Id;
  firstName: string;
  lastName: string;
  middleName?: string;
  phone: string;
  email?: string;
  birthDate?: LocalDate;
  cardNumber?: string;
  /**
   * new: at most one completed visit; repeat: more; lost: the last one is over 90 days ago; subscription-ending: nobody yet.
   */
  segment: "new" | "repeat" | "lost" | "subscription-ending";
  gender?: Gender;
  source?: string;
  notes?: string;
  discount: Money;
  bonusBalance: Money;
  totalVisits: number;
  /** Payments and income of the client less refunds; visits that never had a payment count with their price. */
  totalSpent: number;
  /** The beginning of the first completed visit's day. */
  firstVisit?: Timestamp;
  lastVisit?: LocalDate;
  /** Empty in lists and events; GET of one client has its last ones, for those who may see the calendar. */
  visits: ClientVisit[];
  createdAt: Timestamp;
  updatedAt?: Timestamp;
}

/** A completed visit. */
export interface ClientVisit {
  id: Id;
  clientId: Id;
  /** The same as `id`. */
  appointmentId: Id;
  date: LocalDate;
  serviceName: string;
  staffId: Id | null;
  staffName: string;
  notes: string;
  /** Always empty in this version. */
  photos: string[];
  status: "completed";
}

/** One client, with statistics, and the last 50 visits in `visits`, newest first. */
export interface ClientDetails {
  id: Id;
  firstName: string;
  lastName: string;
  middleName?: string;
  phone: string;
  email?: string;
  birthDate?: LocalDate;
  cardNumber?: string;
  /**
   * new: at most one completed visit; repeat: more; lost: the last one is over 90 days ago; subscription-ending: nobody yet.
   */
  segment: "new" | "repeat" | "lost" | "subscription-ending";
  gender?: Gender;
  source?: string;
  notes?: string;
  discount: Money;
  bonusBalance: Money;
  totalVisits: number;
  /** Payments and income of the client less refunds; visits that never had a payment count with their price. */
  totalSpent: number;
  /** The beginning of the first completed visit's day. */
  firstVisit?: Timestamp;
  lastVisit?: LocalDate;
  /** Empty in lists and events; GET of one client has its last ones, for those who may see the calendar. */
  visits: ClientVisit[];
  createdAt: Timestamp;
  updatedAt?: Timestamp;
  statistics: {
    totalVisits: number;
    totalSpent: number;
    /** `totalSpent` by `totalVisits`, 0 without visits. */
    averageCheck: number;
    lastVisit?: LocalDate;
    /** The one that completed visits had most often, of several the latest. */
    favoriteService?: string;
    bonusBalance: Money;
  };
}

/** A payment or refund that was no visit's. */
export interface Purchase {
  /** That of the operation. */
  id: Id;
  type: "payment" | "income" | "refund";
  status: "completed" | "pending" | "cancelled";
  amount: Money;
  category?: string;
  description?: string;
  date: LocalDate;
  documentNumber?: string;
  paymentMethod?: string;
  createdAt: Timestamp;
}

export interface ClientHistory {
  appointments: Appointment[];
  purchases: Purchase[];
  /** Of both together. */
  pagination: NotificationMeta;
}

export interface ClientCreate {
  firstName: Name;
  lastName?: Line;
  middleName?: Line;
  phone?: PhoneInput;
  email?: EmailInput;
  birthDate?: DateInput;
  cardNumber?: Line;
  gender?: GenderInput;
  source?: Line;
  notes?: Prose;
  discount?: MoneyInput;
  bonusBalance?: MoneyInput;
}

/** What is absent stays; null takes a value away. */
export interface ClientUpdate {
  firstName?: Name;
  lastName?: Line;
  middleName?: Line;
  phone?: PhoneInput;
  email?: EmailInput;
  birthDate?: DateInput;
  cardNumber?: Line;
  gender?: GenderInput;
  source?: Line;
  notes?: Prose;
  discount?: MoneyInput;
  bonusBalance?: MoneyInput;
}

export interface ClientDeleted {
  id: Id;
}

/** A row's id. */
export type Id = number;

/** A date of the salon's calendar. */
export type LocalDate = string;

/** A date of the years 1900 to 2999; unpadded months and days are accepted. */
export type LocalDateInput = string;

/** A time of day in the salon's zone, 24 hours. */
export type LocalTime = string;

/** A time of day; seconds are accepted if they are 00. */
export type LocalTimeInput = string;

/** A moment in UTC, with milliseconds. */
export type Timestamp = string;

/** An amount in the salon's currency, at most two decimals. */
export type Money = number;

/** How often the row was written; 1 when it was made. */
export type Version = number;

/** A position in a topic. The first event has 1, an untouched topic's head is 0. */
export type Seq = number;

/** Names a topic's history. It changes when a backup is restored. */
export type Epoch = string;

export type Role = "admin" | "manager" | "master" | "receptionist";

export type Gender = "male" | "female" | "other";

/** Null, or what a form sends of a field that was left empty. Takes a value away. */
export type Cleared = null | "";

/** Text on one line, without control characters. Null and an empty text are no value. */
export type Line = string | null;

/** Text on several lines, without other control characters. Null and an empty text are no value. */
export type Prose = string | null;

/** Text on one line that is not empty. */
export type Name = string;

/** A row's id, also as a string of its digits. Null and an empty text are none. */
export type IdInput = number | string | Cleared;

export type MoneyInput = Money | Cleared;

export type DateInput = LocalDateInput | Cleared;

export type GenderInput = Gender | Cleared;

export type Switch = boolean | Cleared;

/** A yes or no in a query. */
export type Flag = true | false | 1 | 0;

/** Text in a query. */
export type QueryText = string;

/** Compared and stored in lower case. ASCII; a domain in other letters has its `xn--` form. */
export type EmailAddress = string;

export type EmailInput = EmailAddress | Cleared;

/**
 * A telephone number as somebody writes it. One with • or * in it is a mask, as roles see it that may not see the number, and
 * is never stored.
 */
export type PhoneInput = Line;

/** At least 8 characters, at most 72 bytes of UTF-8, no NUL. */
export type NewPassword = string;

/** One day of a salon's week. */
export interface WorkingDay {
  start: LocalTime;
  end: LocalTime;
  isOpen: boolean;
}

/** A salon's week; a day that is absent is not decided. */
export interface WorkingHours {
  mon?: WorkingDay;
  tue?: WorkingDay;
  wed?: WorkingDay;
  thu?: WorkingDay;
  fri?: WorkingDay;
  sat?: WorkingDay;
  sun?: WorkingDay;
}

export interface ErrorBody {
  /** What the code means, in English. */
  error: string;
  /** For programs; errors.yaml lists them all. */
  code: string;
  /** For people, in the language that Accept-Language asks for (uk or en), else the user's or the salon's, else Ukrainian. */
  message: string;
  /** The same text as `message`. */
  detail: string;
  /** What is wrong with which field. */
  fields?: Record<string, string>;
  /** With VERSION_CONFLICT, the row as it is now. */
  current?: Appointment;
  /** With SLOT_TAKEN, the visit that is in the way. */
  conflict?: Appointment;
  /** With HAS_APPOINTMENTS, how many visits are still to come. */
  count?: number;
  /** With INSUFFICIENT_STOCK, how much there is. */
  available?: number;
  /** With SLOT_HELD, who is booking this time, and until when. */
  hold?: Hold;
}

export type OperationType = "payment" | "refund" | "transfer" | "withdrawal" | "deposit" | "income" | "expense";

export type OperationStatus = "completed" | "pending" | "cancelled";

/** An amount that may be below zero. */
export type Balance = number;

/**
 * Money that came in (payment, income, deposit), went out (refund, withdrawal, expense), or went from one register to another
 * (transfer). Completed operations move their registers. Names are "" where there are none; other fields without a value are
 * absent.
 */
export interface Operation {
  id: Id;
  type: OperationType;
  amount: Money;
  status: OperationStatus;
  date: LocalDate;
  category?: string;
  description?: string;
  documentNumber?: string;
  paymentMethodId?: Id;
  /** The method's name, or what was typed where the salon has no method of that name. */
  paymentMethod: string;
  cashRegisterId?: Id;
  /** The register's name, or what was typed where the salon has no register of that name; that moves none. */
  cashRegister: string;
  /** Where a transfer goes. */
  toCashRegisterId?: Id;
  toCashRegister?: string;
  clientId?: Id;
  /** The client's name, or what was typed where there is not exactly one client of that name. */
  client: string;
  /** The same as `client`. */
  counterparty: string;
  /** Who earned it; of a visit's payment its master. */
  staffId?: Id;
  /** The visit that was paid for. */
  appointmentId?: Id;
  author: string;
  /** The user who made it. */
  createdBy?: Id;
  createdAt: Timestamp;
  updatedAt?: Timestamp;
}

/**
 * Registers, methods and clients are named by id, or by a text that is linked where the salon has exactly one of that name
 * and kept as it is otherwise. An id that is new goes before the text. `paymentMethod` may also be a kind (`cash`, `card`):
 * the first active method of it.
 */
export interface OperationFields {
  type?: OperationType;
  amount?: Money;
  /** `completed` if it is not given. */
  status?: "completed" | "pending" | "cancelled" | "" | null;
  /** The salon's today if it is not given. */
  date?: DateInput;
  category?: Line;
  description?: Prose;
  documentNumber?: Line;
  paymentMethodId?: IdInput;
  paymentMethod?: Line;
  cashRegisterId?: IdInput;
  cashRegister?: Line;
  /** Of a transfer; of any other type it is not kept. */
  toCashRegisterId?: IdInput;
  toCashRegister?: Line;
  clientId?: IdInput;
  client?: Line;
  /** Who earned it; a refund counts against them in reports. */
  staffId?: IdInput;
  /** Read if `client` is absent. */
  counterparty?: Line;
  /** Who makes it, if it is not given. */
  author?: Line;
}

export interface OperationCreate {
  type: OperationType;
  amount: Money;
  /** `completed` if it is not given. */
  status?: "completed" | "pending" | "cancelled" | "" | null;
  /** The salon's today if it is not given. */
  date?: DateInput;
  category?: Line;
  description?: Prose;
  documentNumber?: Line;
  paymentMethodId?: IdInput;
  paymentMethod?: Line;
  cashRegisterId?: IdInput;
  cashRegister?: Line;
  /** Of a transfer; of any other type it is not kept. */
  toCashRegisterId?: IdInput;
  toCashRegister?: Line;
  clientId?: IdInput;
  client?: Line;
  /** Who earned it; a refund counts against them in reports. */
  staffId?: IdInput;
  /** Read if `client` is absent. */
  counterparty?: Line;
  /** Who makes it, if it is not given. */
  author?: Line;
}

/** What is absent stays; null takes a value away, but for the date. */
export interface OperationUpdate {
  type?: OperationType;
  amount?: Money;
  /** `completed` if it is not given. */
  status?: "completed" | "pending" | "cancelled" | "" | null;
  /** The salon's today if it is not given. */
  date?: DateInput;
  category?: Line;
  description?: Prose;
  documentNumber?: Line;
  paymentMethodId?: IdInput;
  paymentMethod?: Line;
  cashRegisterId?: IdInput;
  cashRegister?: Line;
  /** Of a transfer; of any other type it is not kept. */
  toCashRegisterId?: IdInput;
  toCashRegister?: Line;
  clientId?: IdInput;
  client?: Line;
  /** Who earned it; a refund counts against them in reports. */
  staffId?: IdInput;
  /** Read if `client` is absent. */
  counterparty?: Line;
  /** Who makes it, if it is not given. */
  author?: Line;
}

export type DocumentType = "receipt" | "invoice" | "expense" | "income" | "act";

export type ContentType = "services" | "products" | "mixed";

export type DocumentStatus = "draft" | "issued" | "paid" | "completed" | "cancelled";

export interface DocumentItem {
  productId?: Id;
  serviceId?: Id;
  name: string;
  quantity: number;
  price: Money;
}

export interface Document {
  id: Id;
  type: DocumentType;
  number: string;
  date: LocalDate;
  amount: Money;
  contentType: ContentType;
  /** Lines that are no products. */
  servicesCount: number;
  /** Lines that are products. */
  productsCount: number;
  items: DocumentItem[];
  counterparty?: string;
  comment?: string;
  status: DocumentStatus;
  author: string;
  createdBy?: Id;
  createdAt: Timestamp;
  updatedAt?: Timestamp;
}

/** A product or a service by its id, whose name is taken where none is given, or anything else by its name. */
export interface DocumentItemInput {
  productId?: IdInput;
  serviceId?: IdInput;
  name?: Line;
  /** 1 if it is not given; at most three decimals. */
  quantity?: number | Cleared;
  price?: MoneyInput;
}

/** Also as a string of its digits. */
export type Count = number | string | Cleared;

/**
 * Where there are `items`, they say `contentType`, `servicesCount` and `productsCount`, and `amount` too if it is not given.
 */
export interface DocumentFields {
  /** Made up if it is not given. */
  number?: Line;
  /** The salon's today if it is not given. */
  date?: DateInput;
  amount?: MoneyInput;
  contentType?: "services" | "products" | "mixed" | "" | null;
  servicesCount?: Count;
  productsCount?: Count;
  items?: DocumentItemInput[] | null;
  counterparty?: Line;
  comment?: Prose;
  /** `draft` if it is not given. */
  status?: "draft" | "issued" | "paid" | "completed" | "cancelled" | "" | null;
  /** Who makes it, if it is not given. */
  author?: Line;
}

export interface DocumentCreate {
  /** Made up if it is not given. */
  number?: Line;
  /** The salon's today if it is not given. */
  date?: DateInput;
  amount?: MoneyInput;
  contentType?: "services" | "products" | "mixed" | "" | null;
  servicesCount?: Count;
  productsCount?: Count;
  items?: DocumentItemInput[] | null;
  counterparty?: Line;
  comment?: Prose;
  /** `draft` if it is not given. */
  status?: "draft" | "issued" | "paid" | "completed" | "cancelled" | "" | null;
  /** Who makes it, if it is not given. */
  author?: Line;
  type: DocumentType;
}

/** What is absent stays; null takes a value away, but for the number and the date. */
export interface DocumentUpdate {
  /** Made up if it is not given. */
  number?: Line;
  /** The salon's today if it is not given. */
  date?: DateInput;
  amount?: MoneyInput;
  contentType?: "services" | "products" | "mixed" | "" | null;
  servicesCount?: Count;
  productsCount?: Count;
  items?: DocumentItemInput[] | null;
  counterparty?: Line;
  comment?: Prose;
  /** `draft` if it is not given. */
  status?: "draft" | "issued" | "paid" | "completed" | "cancelled" | "" | null;
  /** Who makes it, if it is not given. */
  author?: Line;
  type?: DocumentType;
}

/** A document whose type is `receipt`, whatever `type` says. */
export interface ReceiptCreate {
  /** Made up if it is not given. */
  number?: Line;
  /** The salon's today if it is not given. */
  date?: DateInput;
  amount?: MoneyInput;
  contentType?: "services" | "products" | "mixed" | "" | null;
  servicesCount?: Count;
  productsCount?: Count;
  items?: DocumentItemInput[] | null;
  counterparty?: Line;
  comment?: Prose;
  /** `draft` if it is not given. */
  status?: "draft" | "issued" | "paid" | "completed" | "cancelled" | "" | null;
  /** Who makes it, if it is not given. */
  author?: Line;
}

export type PaymentMethodType = "cash" | "card" | "online" | "certificate" | "bonus" | "tips" | "other";

export interface PaymentMethod {
  id: Id;
  name: string;
  type: PaymentMethodType;
  isActive: boolean;
  createdAt: Timestamp;
  updatedAt?: Timestamp;
}

export interface PaymentMethodFields {
  name?: Name;
  /** `other` if it is not given. */
  type?: "cash" | "card" | "online" | "certificate" | "bonus" | "tips" | "other" | "" | null;
  isActive?: Switch;
}

export interface PaymentMethodCreate {
  name: Name;
  /** `other` if it is not given. */
  type?: "cash" | "card" | "online" | "certificate" | "bonus" | "tips" | "other" | "" | null;
  isActive?: Switch;
}

/** What is absent stays. */
export interface PaymentMethodUpdate {
  name?: Name;
  /** `other` if it is not given. */
  type?: "cash" | "card" | "online" | "certificate" | "bonus" | "tips" | "other" | "" | null;
  isActive?: Switch;
}

export interface CashRegister {
  id: Id;
  name: string;
  /** What it was opened with, and what its completed operations have done to it. */
  balance: Balance;
  openingBalance: Money;
  isActive: boolean;
  createdAt: Timestamp;
  updatedAt?: Timestamp;
}

export interface CashRegisterCreate {
  name: Name;
  /** 0 if it is not given. */
  openingBalance?: MoneyInput;
  /** Read if `openingBalance` is absent. */
  balance?: MoneyInput;
  isActive?: Switch;
}

/** What is absent stays. A `balance` is ignored; another `openingBalance` moves the balance by the difference. */
export interface CashRegisterUpdate {
  name?: Name;
  openingBalance?: MoneyInput;
  isActive?: Switch;
}

/**
 * Revenue is completed payments and income less refunds, as in reports; a completed visit of a time before there were
 * operations counts with its price. Expenses are completed expenses.
 */
export interface Dashboard {
  dateFrom: LocalDate;
  dateTo: LocalDate;
  totalRevenue: Balance;
  totalExpenses: Balance;
  netIncome: Balance;
  /** The same as `netIncome`. */
  profit: Balance;
  /** Profit in percent of revenue; 0 without revenue. */
  profitMargin: number;
  /** Every day of a period of at most 366 days; of a longer one those on which something came in. */
  revenueByDay: {
    date: LocalDate;
    amount: Balance;
  }[];
  /** The largest first; operations without a category are `other`. */
  expensesByCategory: {
    category: string;
    amount: Balance;
  }[];
  /** Revenue by the way it was paid, the largest first; `method` is empty where it is not known. */
  paymentMethodsSplit: {
    paymentMethodId?: Id;
    method: string;
    type?: PaymentMethodType;
    amount: Balance;
    /** Operations, and visits without one. */
    count: number;
    /** Of the whole revenue. */
    percentage: number;
  }[];
  /** The ten services of completed visits that brought most, by the lines' prices. */
  topServices: {
    serviceId?: Id;
    name: string;
    /** The same as `name`. */
    service: string;
    revenue: Money;
    count: number;
  }[];
}

export interface Deleted {
  id: Id;
}

/** Of goods, in the product's unit; at most three decimals. */
export type Quantity = number;

/** Fields without a value are absent. Out of stock is `quantity` 0, low is up to `minQuantity`. */
export interface Product {
  id: Id;
  name: string;
  /** Empty for a product without one; others are the salon's only ones, letters' case aside. */
  sku: string;
  category: string;
  type?: string;
  /** What there is, the sum of its movements' changes. */
  quantity: Quantity;
  /** When it is time to buy more. */
  minQuantity: Quantity;
  price: Money;
  costPrice: Money;
  unit: string;
  packageVolume?: Quantity;
  description?: string;
  isActive: boolean;
  /** When goods last came; those of a sale that was taken back do not count. */
  lastRestockDate?: LocalDate;
  createdAt: Timestamp;
  updatedAt?: Timestamp;
}

/** What is absent stays, or has its default in a new product; null takes a value away. */
export interface ProductFields {
  name?: Name;
  sku?: Line;
  /** `uncategorized` if it is not given. */
  category?: Line;
  type?: Line;
  /**
   * Of a new product, what there is at first. In a change, what there is now: a movement of type `adjustment` is written,
   * unless it is that already. Null says nothing.
   */
  quantity?: Quantity | Cleared;
  minQuantity?: Quantity | Cleared;
  price?: MoneyInput;
  costPrice?: MoneyInput;
  /** `pcs` if it is not given. */
  unit?: Line;
  packageVolume?: Quantity | Cleared;
  description?: Prose;
  isActive?: Switch;
}

export interface ProductCreate {
  name: Name;
  sku?: Line;
  /** `uncategorized` if it is not given. */
  category?: Line;
  type?: Line;
  /**
   * Of a new product, what there is at first. In a change, what there is now: a movement of type `adjustment` is written,
   * unless it is that already. Null says nothing.
   */
  quantity?: Quantity | Cleared;
  minQuantity?: Quantity | Cleared;
  price?: MoneyInput;
  costPrice?: MoneyInput;
  /** `pcs` if it is not given. */
  unit?: Line;
  packageVolume?: Quantity | Cleared;
  description?: Prose;
  isActive?: Switch;
}

export interface ProductUpdate {
  name?: Name;
  sku?: Line;
  /** `uncategorized` if it is not given. */
  category?: Line;
  type?: Line;
  /**
   * Of a new product, what there is at first. In a change, what there is now: a movement of type `adjustment` is written,
   * unless it is that already. Null says nothing.
   */
  quantity?: Quantity | Cleared;
  minQuantity?: Quantity | Cleared;
  price?: MoneyInput;
  costPrice?: MoneyInput;
  /** `pcs` if it is not given. */
  unit?: Line;
  packageVolume?: Quantity | Cleared;
  description?: Prose;
  isActive?: Switch;
}

export interface ProductDeleted {
  id: Id;
}

/** Goods come, goods go, or somebody has counted. */
export type MovementType = "in" | "out" | "adjustment";

/** Fields without a value are absent. */
export interface Movement {
  id: Id;
  productId: Id;
  type: MovementType;
  /** Of an adjustment what there is, else how much comes or goes. */
  quantity: Quantity;
  /** What it did to the stock. */
  change: number;
  /** What there was behind it. */
  balance: Quantity;
  reason?: string;
  documentNumber?: string;
  /** The document that moved it. */
  documentId?: Id;
  /** The name of who did it. */
  author: string;
  /** The account of who did it. */
  createdBy?: Id;
  createdAt: Timestamp;
}

export interface MovementInput {
  /** A number, or a text of digits. */
  productId: Id | string;
  type: MovementType;
  /** Of an adjustment what there is, 0 or more; else how much comes or goes, more than 0. */
  quantity: Quantity;
  reason?: Line;
  documentNumber?: Line;
}

/** The movement, and what there is now. */
export interface MovementDone {
  id: Id;
  productId: Id;
  type: MovementType;
  /** Of an adjustment what there is, else how much comes or goes. */
  quantity: Quantity;
  /** What it did to the stock. */
  change: number;
  /** What there was behind it. */
  balance: Quantity;
  reason?: string;
  documentNumber?: string;
  /** The document that moved it. */
  documentId?: Id;
  /** The name of who did it. */
  author: string;
  /** The account of who did it. */
  createdBy?: Id;
  createdAt: Timestamp;
  /** For people. */
  message: string;
  newQuantity: Quantity;
}

export interface Welcome {
  message: "Adelante CRM API";
  version: string;
}

export interface Health {
  status: "healthy";
}

export interface Readiness {
  /**
   * ready; degraded: Redis is not heard, and everything but speed is as always; unavailable: PostgreSQL is away; draining:
   * the node is about to stop.
   */
  status: "ready" | "degraded" | "unavailable" | "draining";
  postgres: boolean;
  redis: boolean;
}

export interface Notification {
  id: string;
  title: string;
  message: string;
  type: "info" | "success" | "warning" | "error";
  read: boolean;
  /** The same as `read`. */
  isRead: boolean;
  link?: string;
  /** The same as `link`. */
  url?: string;
  createdAt: Timestamp;
}

export interface NotificationMeta {
  page: number;
  perPage: number;
  total: number;
  totalPages: number;
}

export interface NotificationList {
  /** Newest first. */
  data: Notification[];
  meta: NotificationMeta;
  /** The same as `meta`. */
  pagination: NotificationMeta;
  /** Of all of them, not of this page. */
  unreadCount: number;
}

/** As in the list, with the number of unread ones behind it. */
export interface NotificationNew {
  id: string;
  title: string;
  message: string;
  type: "info" | "success" | "warning" | "error";
  read: boolean;
  /** The same as `read`. */
  isRead: boolean;
  link?: string;
  /** The same as `link`. */
  url?: string;
  createdAt: Timestamp;
  unreadCount: number;
}

/** These were read, on whichever device. */
export interface NotificationRead {
  ids: string[];
  unreadCount: number;
}

export interface NotificationDeleted {
  id: string;
  unreadCount: number;
}

export type TextId = string;

/** `perPage` and `limit` are one number: 1000, if none was asked for. `page` is where `offset` lies. */
export interface OverviewMeta {
  page: number;
  perPage: number;
  total: number;
  totalPages: number;
  limit: number;
  offset: number;
}

/** A visit. Fields without a value are absent. */
export interface OverviewRecord {
  id: TextId;
  /** Client and service. */
  title: string;
  description: string;
  date: LocalDate;
  type: AppointmentType;
  /** Empty for a visit without a master. */
  employee: string;
  staffId?: Id;
  service: string;
  client: string;
  clientId?: Id;
  /** Empty for roles that see no clients' phones. */
  phone: string;
  visitTime: Timestamp;
  createdAt: Timestamp;
  /** A name; empty if nobody is known. */
  createdBy: string;
  /** scheduled is pending, arrived is confirmed, no-show is cancelled. */
  status: "pending" | "confirmed" | "completed" | "cancelled";
  /** By the completed operation of the visit. A completed visit that cost nothing is paid. */
  paymentStatus: "paid" | "unpaid" | "partial";
  /** Every visit is booked at a desk so far (admin). */
  source: "online" | "phone" | "admin" | "walk-in";
  amount?: Money;
  /** What came in for it. For those who may see finances. */
  paidAmount?: number;
  /** Of its operation, else as the visit says. For those who may see finances. */
  paymentMethod?: "cash" | "card" | "mixed";
  /** When the client was marked as arrived. */
  actualStartTime?: Timestamp;
  /** When the visit was completed. */
  actualEndTime?: Timestamp;
  /** The name of who completed it. */
  closedBy?: string;
  closedAt?: Timestamp;
  internalNotes?: string;
  photos: string[];
  /** What was done with the visit, oldest first. */
  history: {
    date: Timestamp;
    author: string;
    action: Action;
    details?: string;
  }[];
}

export interface RecordList {
  /** The latest visit first. */
  data: OverviewRecord[];
  meta: OverviewMeta;
}

/** Fields without a value are absent. */
export interface Review {
  id: TextId;
  /** The same as `clientName`. */
  author: string;
  clientName: string;
  clientId?: Id;
  /** Empty for roles that see no clients' phones. */
  phone: string;
  employee: string;
  staffId?: Id;
  appointmentId?: Id;
  rating: number;
  /** By the rating; 4 and 5 are positive, 3 is neutral. */
  type: "positive" | "neutral" | "negative";
  /** The same as `text`. */
  comment: string;
  text: string;
  date: LocalDate;
  createdAt: Timestamp;
}

export interface ReviewList {
  /** The latest first. */
  data: Review[];
  meta: OverviewMeta;
  /** Of all that match, not of this page. */
  statistics: {
    total: number;
    /** 0 if there are none. */
    averageRating: number;
    /** How many have each rating. */
    ratings: {
      "1": number;
      "2": number;
      "3": number;
      "4": number;
      "5": number;
    };
  };
}

/**
 * Who it is from: `clientName` (or `author`), `clientId`, or the visit that it is about. What the body does not say of
 * client, phone and master is taken from the visit, or the client.
 */
export interface ReviewCreate {
  /** From 1 to 5; a text of a digit counts too. */
  rating: number | string;
  text?: Prose;
  /** Read if `text` is absent. */
  comment?: Prose;
  clientName?: Line;
  /** Read if `clientName` is absent. */
  author?: Line;
  phone?: PhoneInput;
  /** A member's name, or any text. */
  employee?: Line;
  /** The salon's today if it is not given. */
  date?: DateInput;
  clientId?: IdInput;
  staffId?: IdInput;
  appointmentId?: IdInput;
}

export type Action = "created" | "updated" | "deleted";

/** An entry of the audit log. */
export interface Change {
  id: TextId;
  /** `record` is a visit, `employee` a member of the staff; more words may come. */
  entity: string;
  entityId?: TextId;
  entityName: string;
  action: Action;
  /** The same as `author`. */
  user: string;
  /** The name of who did it; `system` for the server itself. */
  author: string;
  timestamp: Timestamp;
  /** The same as `timestamp`. */
  date: Timestamp;
  /** A line for people, in their language. */
  details: string;
  /** Each field that was changed, with `from` and `to`; `true` for one whose values are not kept, since they are private. */
  changes: Record<string, unknown>;
}

export interface ChangeList {
  /** The latest first. */
  data: Change[];
  meta: OverviewMeta;
}

/** A room of the salon, for example `day:2026-05-18`. */
export type Room = string;

/** Names a socket. It has another one after a reconnect. */
export type Connection = string;

/** One socket in a room. The same user at two desks is two members. */
export interface Member {
  connection: Connection;
  userId: Id;
  name: string;
  role: Role;
  /** When it entered. */
  since: Timestamp;
  /** What it said of itself, if it did. */
  state?: Record<string, unknown>;
}

/** A slot that a desk is booking. */
export interface Hold {
  /** Names the hold; a later one has a higher number. A write that carries it passes this hold. */
  fence: number;
  staffId: Id;
  date: LocalDate;
  startTime: LocalTime;
  endTime: LocalTime;
  userId: Id;
  /** Who holds it. */
  name: string;
  /** When it ends, unless it is held again. */
  expiresAt: Timestamp;
}

export interface Released {
  fence?: number;
  staffId?: Id;
  date?: LocalDate;
  startTime?: LocalTime;
  endTime?: LocalTime;
  /**
   * `released` and `moved` by its desk, `booked` when a visit was written there, `disconnected` when the socket or its node
   * was gone for too long, `expired` when its time was up.
   */
  reason: "released" | "moved" | "booked" | "disconnected" | "expired";
}

/** Any number, or a string of at most 256 bytes; its reply carries it as it came. */
export type CommandId = number | string;

/** A topic as clients name it. The salon or the user it belongs to follows from the token. */
export type Topic = "appointments" | "notifications" | "clients" | "staff" | "services" | "inventory" | "finances" | "settings" | "users";

/** `telegram:` and the code of a login or of a linking. Anonymous sockets may follow it too. */
export type CodeTopic = `telegram:${string}`;

/** `presence:` and the name of a room of the socket's salon. */
export type RoomTopic = `presence:${string}`;

export type AnyTopic = Topic | CodeTopic | RoomTopic;

/** What every event has. */
export interface Envelope {
  type: string;
  topic: Topic;
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Record<string, unknown>;
}

/** The last event of a stream. It says what a socket's close frame does. */
export interface StreamClosed {
  type: "closed";
  /** A close code of errors.yaml. */
  code: 1012 | 4401 | 4500 | 4503;
  /** For people; of 1012, the reader's own delay in decimal milliseconds, which is also the event's `retry`. */
  reason: string;
}

/** A sum of money; below 0 where more was paid back than taken. */
export type Amount = number;

export type RowId = string;

export interface Revenue {
  totalRevenue: Amount;
  /** The days on which something was taken. */
  revenueByDay: {
    date: LocalDate;
    amount: Amount;
  }[];
  /** What the lines of completed visits are priced at, by the days of the visits. What was not for a service is not here. */
  revenueByService: {
    service: string;
    /** Absent for a text that is no service of the price list. */
    serviceId?: RowId;
    amount: Amount;
  }[];
  /** What nobody in particular earned is not here. */
  revenueByStaff: {
    staff: string;
    staffId: RowId;
    amount: Amount;
  }[];
  groupBy: "day" | "week" | "month";
  /** Every day, week (by its Monday) or month (by its first), with or without revenue. */
  data: {
    date: LocalDate;
    revenue: Amount;
    /** Completed visits. */
    appointments: number;
    averageCheck: Amount;
  }[];
  totals: {
    revenue: Amount;
    appointments: number;
    averageCheck: Amount;
  };
}

export interface StaffPerformance {
  staffId: RowId;
  staffName: string;
  /** Visits that were not cancelled. */
  totalAppointments: number;
  completedAppointments: number;
  /** Visits that were cancelled, or to which nobody came. */
  cancelledAppointments: number;
  totalRevenue: Amount;
  /** Percent, one decimal. */
  occupancyRate: number;
  bookedMinutes: number;
  availableMinutes: number;
  /** The average of the reviews of these days, one decimal; 0 without any. */
  rating: number;
  reviews: number;
}

export interface ServicePopularity {
  serviceId: RowId;
  serviceName: string;
  category: string;
  totalBookings: number;
  /** Those of as many days before. */
  previousBookings: number;
  /** What the lines of completed visits are priced at. */
  totalRevenue: number;
  /** Percent, one decimal. */
  growth: number;
}

export interface Salon {
  id: Id;
  name: string;
  legalName?: string;
  description?: string;
  openingDate?: LocalDate;
  city?: string;
  address: string;
  phone: string;
  email: string;
  website?: string;
  currency: string;
  /** An IANA name. All dates and times of day are of this zone. */
  timezone: string;
  language: "uk" | "en";
  workingHours: WorkingHours;
  socialUrls?: Record<string, unknown>;
  /** Whether a visit outside the master's working time is refused. */
  strictHours: boolean;
}

/** What is absent stays. */
export interface SalonUpdate {
  name?: Name;
  legalName?: Line;
  description?: Prose;
  openingDate?: DateInput;
  city?: Line;
  address?: Line;
  phone?: PhoneInput;
  email?: EmailInput;
  website?: Line;
  currency?: string;
  timezone?: Name;
  language?: "uk" | "en";
  /** The days that change; the same forms as a member's week has. `workDays` and `workSchedule` are read too. */
  workingHours?: WeekInput;
  socialUrls?: {
    instagram?: Line;
    facebook?: Line;
    telegram?: Line;
  };
  strictHours?: Switch;
}

export interface RolePermissions {
  role: Role;
  permissions: Permission[];
}

/**
 * `<module>.<view|create|edit|delete|export>` with the modules calendar, clients, staff, services, finances, inventory,
 * settings and reports; or a word that only clients know.
 */
export type Permission = string;

export interface PermissionsChange {
  permissions: Permission[] | Record<string, Record<string, boolean>>;
}

/** What a calendar is drawn in, for every role that may see one. */
export interface CalendarFrame {
  salon: {
    id: Id;
    name: string;
    timezone: string;
    currency: string;
    language: "uk" | "en";
    workingHours: WorkingHours;
    strictHours: boolean;
  };
  /** The active members, in the order of their names. */
  staff: {
    id: Id;
    firstName: string;
    lastName: string;
    position: StaffPosition;
    schedule?: Schedule;
    userId?: Id;
    isActive: true;
  }[];
}

/** Fields without a value are absent. */
export interface Service {
  id: Id;
  name: string;
  description?: string;
  category: string;
  /** Minutes. */
  duration: number;
  price: Money;
  color?: string;
  isActive: boolean;
  status: "active" | "inactive";
  createdAt: Timestamp;
  updatedAt?: Timestamp;
}

/** One service, with statistics over all time. */
export interface ServiceDetails {
  id: Id;
  name: string;
  description?: string;
  category: string;
  /** Minutes. */
  duration: number;
  price: Money;
  color?: string;
  isActive: boolean;
  status: "active" | "inactive";
  createdAt: Timestamp;
  updatedAt?: Timestamp;
  statistics: {
    /** Lines of visits that were not cancelled. */
    totalBookings: number;
    completedBookings: number;
    /** What the lines of completed visits are priced at. For those who may see finances. */
    totalRevenue?: number;
    lastBooking?: LocalDate;
  };
}

export interface ServiceCreate {
  name: Name;
  description?: Prose;
  /** `other` if it is not given. */
  category?: Line;
  /** Minutes; also as a string of digits. */
  duration: number | string;
  price: Money;
  color?: string | null;
  isActive?: Switch;
  /** Read if `isActive` is absent; inactive and archived switch the service off. */
  status?: Line;
}

/** What is absent stays; null takes a value away. */
export interface ServiceUpdate {
  name?: Name;
  description?: Prose;
  /** `other` if it is not given. */
  category?: Line;
  /** Minutes; also as a string of digits. */
  duration?: number | string;
  price?: Money;
  color?: string | null;
  isActive?: Switch;
  /** Read if `isActive` is absent; inactive and archived switch the service off. */
  status?: Line;
}

export interface ServiceDeleted {
  id: Id;
}

/** Usually master, administrator or manager; any text is possible. */
export type StaffPosition = string;

export type Specialization = string;

/** The base week by day. A day that is absent is a day off; no days at all mean always at work. */
export interface Schedule {
  mon?: Day;
  tue?: Day;
  wed?: Day;
  thu?: Day;
  fri?: Day;
  sat?: Day;
  sun?: Day;
}

export interface Span {
  from: LocalTime;
  to: LocalTime;
}

export interface Day {
  enabled: boolean;
  from?: LocalTime;
  to?: LocalTime;
  breaks?: Span[];
}

export interface Exception {
  date: LocalDate;
  type: "vacation" | "sick" | "dayoff";
  reason?: string;
}

export interface ScheduleAnswer {
  schedule: ({
    date: LocalDate;
    dayOfWeek: "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";
    isWorkingDay: boolean;
    workFrom?: LocalTime;
    workTo?: LocalTime;
    breaks?: Span[];
    exception?: "vacation" | "sick" | "dayoff";
    reason?: string;
  })[];
  workDays: Schedule;
  exceptions: Exception[];
}

export interface ScheduleChange {
  work_days?: WeekInput;
  /** Read if `work_days` is absent. */
  workDays?: WeekInput;
  exceptions?: ({
    date: LocalDateInput;
    type: "vacation" | "sick" | "dayoff";
    reason?: Line;
  })[] | null;
}

/** Days by name, in short or in full. Null, or no day at all: no schedule, always at work. */
export interface WeekInput {
  mon?: DayInput;
  tue?: DayInput;
  wed?: DayInput;
  thu?: DayInput;
  fri?: DayInput;
  sat?: DayInput;
  sun?: DayInput;
  monday?: DayInput;
  tuesday?: DayInput;
  wednesday?: DayInput;
  thursday?: DayInput;
  friday?: DayInput;
  saturday?: DayInput;
  sunday?: DayInput;
}

/**
 * In one of three forms: {enabled, from, to, breaks?}, {isWorkDay, startTime, endTime, breakStart?, breakEnd?}, or {start,
 * end, isOpen?}. A day that is on has times, and ends behind its start. Null is a day off.
 */
export interface DayInput {
  enabled?: boolean;
  isWorkDay?: boolean;
  isOpen?: boolean;
  from?: TimeInput;
  to?: TimeInput;
  startTime?: TimeInput;
  endTime?: TimeInput;
  start?: TimeInput;
  end?: TimeInput;
  breakStart?: TimeInput;
  breakEnd?: TimeInput;
  breaks?: {
    from?: TimeInput;
    to?: TimeInput;
  }[] | null;
}

export type TimeInput = LocalTimeInput | Cleared;

/** Fields without a value are absent; `salary` and `commission` are never null. */
export interface Staff {
  id: Id;
  firstName: string;
  lastName: string;
  middleName?: string;
  gender?: Gender;
  phone: string;
  email?: string;
  position: StaffPosition;
  /** The same as `position`. */
  role: StaffPosition;
  specializations: string[];
  hireDate?: LocalDate;
  salary?: Money;
  commission?: Money;
  avatar?: string;
  /** What the member does, as ids of services. */
  services?: Id[];
  schedule?: Schedule;
  /** Days off although the base week says otherwise; absent if there are none. */
  exceptions?: Exception[];
  isActive: boolean;
  status: "active" | "fired";
  /** The member's account, once there is one. */
  userId?: Id;
  createdAt: Timestamp;
  updatedAt?: Timestamp;
}

/** One member, with statistics over all time. */
export interface StaffDetails {
  id: Id;
  firstName: string;
  lastName: string;
  middleName?: string;
  gender?: Gender;
  phone: string;
  email?: string;
  position: StaffPosition;
  /** The same as `position`. */
  role: StaffPosition;
  specializations: string[];
  hireDate?: LocalDate;
  salary?: Money;
  commission?: Money;
  avatar?: string;
  /** What the member does, as ids of services. */
  services?: Id[];
  schedule?: Schedule;
  /** Days off although the base week says otherwise; absent if there are none. */
  exceptions?: Exception[];
  isActive: boolean;
  status: "active" | "fired";
  /** The member's account, once there is one. */
  userId?: Id;
  createdAt: Timestamp;
  updatedAt?: Timestamp;
  statistics: {
    /** Visits that were not cancelled. */
    totalAppointments: number;
    completedAppointments: number;
    /** Visits that were cancelled, or to which nobody came. */
    cancelledAppointments: number;
    /** How many clients came. */
    clients: number;
    /** The day of the last completed visit. */
    lastAppointment?: LocalDate;
    /** For those who may see finances. */
    totalRevenue?: number;
    /** The average of the reviews, one decimal; absent without any. */
    rating?: number;
    reviews: number;
  };
}

/** A member with an e-mail is invited, and may set a first password within 7 days (POST /auth/setup). */
export interface StaffCreate {
  firstName: Name;
  lastName?: Line;
  middleName?: Line;
  gender?: GenderInput;
  phone?: PhoneInput;
  email?: EmailInput;
  /** `master` if neither this nor `role` is given. */
  position?: Line;
  role?: Line;
  specializations?: Specialization[] | Cleared;
  /** Read if `specializations` is absent. */
  specialization?: Line;
  hireDate?: DateInput;
  salary?: MoneyInput;
  commission?: MoneyInput;
  avatar?: Line;
  /** Services by their ids or names; an empty list or null for none in particular. */
  services?: (number | string)[] | null;
  /** As `work_days` of POST /staff/{id}/schedule. */
  workSchedule?: WeekInput;
  /** Read if `workSchedule` is absent. */
  schedule?: WeekInput;
}

/** What is absent stays; null takes a value away. */
export interface StaffUpdate {
  firstName?: Name;
  lastName?: Line;
  middleName?: Line;
  gender?: GenderInput;
  phone?: PhoneInput;
  email?: EmailInput;
  /** Null is `master`. */
  position?: Line;
  /** Read if `position` is absent. */
  role?: Line;
  specializations?: Specialization[] | Cleared;
  /** Read if `specializations` is absent. */
  specialization?: Line;
  hireDate?: DateInput;
  salary?: MoneyInput;
  commission?: MoneyInput;
  avatar?: Line;
  /** Services by their ids or names; an empty list or null for none in particular. */
  services?: (number | string)[] | null;
  /** As `work_days` of POST /staff/{id}/schedule. */
  workSchedule?: WeekInput;
  /** Read if `workSchedule` is absent. */
  schedule?: WeekInput;
  isActive?: Switch;
  /** Read if `isActive` is absent. */
  status?: "active" | "fired" | "" | null;
}

/** A secret of the page that asked for it, 32 random bytes as base64url. Whoever has it gets the tokens. */
export type Code = string;

export interface InitRequest {
  /** The salon that a new account would belong to. Where there is only one, it need not be named. */
  salon?: number | string | null;
}

/** What a page shows. */
export interface Begun {
  bot_username: string;
  /** What the telephone opens. A login's holds a code derived one way from the page's. */
  deep_link: string;
  /** The deep link as a QR code, a PNG in a data URL. */
  qr_code: `data:${string}`;
  expires_in: ExpiresIn;
}

/** Seconds until the code is gone. */
export type ExpiresIn = number;

export interface InitAnswer {
  bot_username: string;
  /** What the telephone opens. A login's holds a code derived one way from the page's. */
  deep_link: string;
  /** The deep link as a QR code, a PNG in a data URL. */
  qr_code: `data:${string}`;
  expires_in: ExpiresIn;
  auth_code: Code;
  /** With TELEGRAM_NUMBER_MATCH=on, the number to show. The chat asks for it among three. */
  match_number?: number;
}

export interface LinkAnswer {
  bot_username: string;
  /** What the telephone opens. A login's holds a code derived one way from the page's. */
  deep_link: string;
  /** The deep link as a QR code, a PNG in a data URL. */
  qr_code: `data:${string}`;
  expires_in: ExpiresIn;
  link_code: Code;
}

/**
 * How far a code is. Nothing follows `completed`, `cancelled`, `linked`, `refused` and `expired`; a code that is unknown or
 * used up is `expired`.
 */
export interface TelegramStatus {
  status: "pending" | "awaiting_confirmation" | "confirmed" | "awaiting_approval" | "completed" | "cancelled" | "linked" | "refused" | "expired";
  /** Why a login was cancelled. */
  reason?: "user" | "inactive" | "wrong_number" | "registration_closed";
  /** With `linked`, whose Telegram it is. Show it, so that somebody who linked another's account is noticed. */
  telegram_name?: string;
  /** With `linked`, that person's username without `@`, if they have one. */
  telegram_username?: string;
  expires_in?: ExpiresIn;
}

/** To one request after `completed`, within 60 seconds, also the tokens and the user. */
export type StatusAnswer = TelegramStatus & (TokenAnswer | {
  status?: "pending" | "awaiting_confirmation" | "confirmed" | "awaiting_approval" | "cancelled" | "linked" | "refused" | "expired";
});

export interface FileForm {
  /** An .xlsx file of at most 10 MiB. */
  file: string;
}

/** Every row that is not empty is either imported or has an error. */
export interface ImportReport {
  imported: number;
  /** How many errors there are. */
  failed: number;
  errors: {
    /** As the sheet counts it, from 1, headings included. */
    row: number;
    /** For people, in the request's language; begins with the heading of the cell that is to blame. */
    error: string;
  }[];
}

// ---- Commands

/** Tells who the socket speaks for, or brings a fresh token of the same user before the old one expires. */
export interface AuthCommand {
  type: "auth";
  id?: CommandId;
  token: string;
}

export interface SubscribeCommand {
  type: "subscribe";
  id?: CommandId;
  topic: AnyTopic;
  /** The last position that the client has. Without it, events from now on are wanted. */
  since?: number | null;
  /** The epoch that came with that position. */
  epoch?: string | null;
}

export interface UnsubscribeCommand {
  type: "unsubscribe";
  id?: CommandId;
  topic: AnyTopic;
}

export interface PingCommand {
  type: "ping";
  id?: CommandId;
}

/** Enters a room, or says something else there. A socket is in at most 10 rooms; each is one of its topics. */
export interface PresenceEnterCommand {
  type: "presence:enter";
  id?: CommandId;
  room: Room;
  /** What the socket says of itself, at most 1,024 bytes. */
  state?: Record<string, unknown> | null;
}

/** Answered with `unsubscribed`. */
export interface PresenceLeaveCommand {
  type: "presence:leave";
  id?: CommandId;
  room: string;
}

/** Holds a slot, holds it longer, or goes over to another one. Answered with `slot:held`. */
export interface SlotHoldCommand {
  type: "slot:hold";
  id?: CommandId;
  staffId: Id;
  date: LocalDateInput;
  startTime: LocalTimeInput;
  /** At or before the start it is the next day's. A slot lasts at most 16 hours. */
  endTime: LocalTimeInput;
  /** A hold of the same login that this one takes the place of. */
  fence?: number | null;
}

/**
 * Lets go of the hold with this `fence`, or of the one of this slot; without either, of all that this socket holds. Answered
 * with `slot:released`, also if there was none any more.
 */
export interface SlotReleaseCommand {
  type: "slot:release";
  id?: CommandId;
  fence?: number | null;
  staffId?: Id;
  date?: LocalDateInput;
  startTime?: LocalTimeInput;
  endTime?: LocalTimeInput;
}

// ---- Replies

export interface AuthenticatedReply {
  type: "authenticated";
  id?: CommandId;
  userId: Id;
  expiresAt: Timestamp;
}

/** Also sent unasked, with `recovered` false, when a subscription cannot go on from where it was. */
export interface SubscribedReply {
  type: "subscribed";
  id?: CommandId;
  topic: Topic;
  /** The topic's head. After `recovered` false, events go on behind it. */
  seq: Seq;
  epoch: Epoch;
  /** Whether every event behind `since` follows. If not, the snapshot has to be loaded again. */
  recovered: boolean;
}

/** Of a topic without a log. The present state follows at once. */
export interface CodeSubscribedReply {
  type: "subscribed";
  id?: CommandId;
  topic: CodeTopic;
}

/** Of a room. `presence:members` follows at once. */
export interface RoomSubscribedReply {
  type: "subscribed";
  id?: CommandId;
  topic: RoomTopic;
}

/**
 * Also sent unasked, with `code`: `forbidden` when the role may no longer read the topic; the `code` of the error before it
 * when entering or subscribing again to a topic without a log came to nothing, which ends what there was.
 */
export interface UnsubscribedReply {
  type: "unsubscribed";
  id?: CommandId;
  topic: string;
  code?: "forbidden" | "full" | "rate_limited" | "unavailable";
}

export interface PongReply {
  type: "pong";
  id?: CommandId;
  at: Timestamp;
  /** The head of every subscribed topic. All events up to it were sent before this frame. */
  heads: Record<string, Seq>;
}

export interface ErrorReply {
  type: "error";
  id?: CommandId;
  code: "bad_request" | "unauthorized" | "forbidden" | "unknown_topic" | "too_many_topics" | "full" | "slot_held" | "rate_limited" | "unavailable";
  /** For people who write clients. */
  message: string;
  /** Milliseconds. */
  retryAfter?: number;
  /** With `slot_held`, the hold that is in the way. */
  hold?: Hold;
}

// ---- Events

/** A visit was made, or a deletion was taken back. */
export interface AppointmentCreatedEvent {
  type: "appointment:created";
  topic: "appointments";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Appointment;
}

export interface AppointmentUpdatedEvent {
  type: "appointment:updated";
  topic: "appointments";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Appointment;
}

export interface AppointmentDeletedEvent {
  type: "appointment:deleted";
  topic: "appointments";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: AppointmentDeleted;
}

export interface NotificationNewEvent {
  type: "notification:new";
  topic: "notifications";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: NotificationNew;
}

export interface NotificationReadEvent {
  type: "notification:read";
  topic: "notifications";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: NotificationRead;
}

export interface NotificationDeletedEvent {
  type: "notification:deleted";
  topic: "notifications";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: NotificationDeleted;
}

export interface ClientCreatedEvent {
  type: "client:created";
  topic: "clients";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Client;
}

export interface StaffCreatedEvent {
  type: "staff:created";
  topic: "staff";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Staff;
}

export interface ServiceCreatedEvent {
  type: "service:created";
  topic: "services";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Service;
}

export interface ClientUpdatedEvent {
  type: "client:updated";
  topic: "clients";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Client;
}

export interface ClientDeletedEvent {
  type: "client:deleted";
  topic: "clients";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: ClientDeleted;
}

/** What a client has said was written down. */
export interface ReviewCreatedEvent {
  type: "review:created";
  topic: "clients";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Review;
}

/** Also a member's schedule, and a member who leaves: they stay in the list, with `isActive` false. */
export interface StaffUpdatedEvent {
  type: "staff:updated";
  topic: "staff";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Staff;
}

export interface ServiceUpdatedEvent {
  type: "service:updated";
  topic: "services";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Service;
}

export interface ServiceDeletedEvent {
  type: "service:deleted";
  topic: "services";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: ServiceDeleted;
}

export interface ProductCreatedEvent {
  type: "inventory:product-created";
  topic: "inventory";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Product;
}

/** Its quantity changes with each movement. */
export interface ProductUpdatedEvent {
  type: "inventory:product-updated";
  topic: "inventory";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Product;
}

export interface ProductDeletedEvent {
  type: "inventory:product-deleted";
  topic: "inventory";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: ProductDeleted;
}

/** Stock came, went or was counted. */
export interface MovementCreatedEvent {
  type: "inventory:movement-created";
  topic: "inventory";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Movement;
}

export interface FinanceOperationCreatedEvent {
  type: "finance:operation-created";
  topic: "finances";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Operation;
}

export interface FinanceOperationUpdatedEvent {
  type: "finance:operation-updated";
  topic: "finances";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Operation;
}

export interface FinanceOperationDeletedEvent {
  type: "finance:operation-deleted";
  topic: "finances";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Deleted;
}

export interface FinanceDocumentCreatedEvent {
  type: "finance:document-created";
  topic: "finances";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Document;
}

export interface FinanceDocumentUpdatedEvent {
  type: "finance:document-updated";
  topic: "finances";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Document;
}

export interface FinanceDocumentDeletedEvent {
  type: "finance:document-deleted";
  topic: "finances";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Deleted;
}

export interface FinanceRegisterCreatedEvent {
  type: "finance:register-created";
  topic: "finances";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: CashRegister;
}

/** Also when operations have moved its balance. */
export interface FinanceRegisterUpdatedEvent {
  type: "finance:register-updated";
  topic: "finances";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: CashRegister;
}

export interface FinanceRegisterDeletedEvent {
  type: "finance:register-deleted";
  topic: "finances";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Deleted;
}

export interface FinanceMethodCreatedEvent {
  type: "finance:method-created";
  topic: "finances";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: PaymentMethod;
}

export interface FinanceMethodUpdatedEvent {
  type: "finance:method-updated";
  topic: "finances";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: PaymentMethod;
}

export interface FinanceMethodDeletedEvent {
  type: "finance:method-deleted";
  topic: "finances";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Deleted;
}

/** The whole salon. */
export interface SettingsUpdatedEvent {
  type: "settings:updated";
  topic: "settings";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: Salon;
}

/** What a role may do by now. */
export interface RoleUpdatedEvent {
  type: "role:updated";
  topic: "settings";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: RolePermissions;
}

/** An account; this topic is for administrators. */
export interface UserCreatedEvent {
  type: "user:created";
  topic: "users";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: User;
}

export interface UserUpdatedEvent {
  type: "user:updated";
  topic: "users";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: User;
}

/** Something changed of the reader's own account, or of what its role may do. */
export interface AccountUpdatedEvent {
  type: "account:updated";
  topic: "notifications";
  /** 41 is followed by 42, always. */
  seq: number;
  /** The changed row's version, where it has one. */
  version?: Version;
  /** When the change was written. */
  at: Timestamp;
  data: OwnAccount;
}

/** How far a login or a linking is, at once and with every change. It has no seq and is not resumed. */
export interface TelegramStatusEvent {
  type: "telegram:status";
  topic: CodeTopic;
  data: TelegramStatus;
}

/** Everybody who is in the room, the socket itself too. It replaces what was known before. */
export interface PresenceMembersEvent {
  type: "presence:members";
  topic: RoomTopic;
  data: {
    members: Member[];
    /** The socket that gets this. */
    you: Connection;
  };
}

export interface PresenceJoinedEvent {
  type: "presence:joined";
  topic: RoomTopic;
  data: Member;
}

/** A member says something else of itself. */
export interface PresenceUpdatedEvent {
  type: "presence:updated";
  topic: RoomTopic;
  data: Member;
}

export interface PresenceLeftEvent {
  type: "presence:left";
  topic: RoomTopic;
  data: {
    connection: Connection;
    userId: Id;
  };
}

/**
 * A desk is booking this slot, or still is: the same `fence` with a later `expiresAt`. The desk itself gets it as the answer
 * to its command. It has no seq and is not resumed.
 */
export interface SlotHeldEvent {
  type: "slot:held";
  id?: CommandId;
  topic: "appointments";
  data: Hold;
}

/** A hold is over. As the answer to a command that found none any more, it names no slot. */
export interface SlotReleasedEvent {
  type: "slot:released";
  id?: CommandId;
  topic: "appointments";
  data: Released;
}

// ---- All of them

/** What a client may send. */
export type ClientCommand =
  | AuthCommand
  | SubscribeCommand
  | UnsubscribeCommand
  | PingCommand
  | PresenceEnterCommand
  | PresenceLeaveCommand
  | SlotHoldCommand
  | SlotReleaseCommand;

/** What the server answers, and says unasked of subscriptions. */
export type ServerReply =
  | AuthenticatedReply
  | SubscribedReply
  | CodeSubscribedReply
  | RoomSubscribedReply
  | UnsubscribedReply
  | PongReply
  | ErrorReply
  | SlotHeldEvent
  | SlotReleasedEvent;

/** Narrow it by `type`. */
export type ServerEvent =
  | AppointmentCreatedEvent
  | AppointmentUpdatedEvent
  | AppointmentDeletedEvent
  | NotificationNewEvent
  | NotificationReadEvent
  | NotificationDeletedEvent
  | ClientCreatedEvent
  | StaffCreatedEvent
  | ServiceCreatedEvent
  | ClientUpdatedEvent
  | ClientDeletedEvent
  | ReviewCreatedEvent
  | StaffUpdatedEvent
  | ServiceUpdatedEvent
  | ServiceDeletedEvent
  | ProductCreatedEvent
  | ProductUpdatedEvent
  | ProductDeletedEvent
  | MovementCreatedEvent
  | FinanceOperationCreatedEvent
  | FinanceOperationUpdatedEvent
  | FinanceOperationDeletedEvent
  | FinanceDocumentCreatedEvent
  | FinanceDocumentUpdatedEvent
  | FinanceDocumentDeletedEvent
  | FinanceRegisterCreatedEvent
  | FinanceRegisterUpdatedEvent
  | FinanceRegisterDeletedEvent
  | FinanceMethodCreatedEvent
  | FinanceMethodUpdatedEvent
  | FinanceMethodDeletedEvent
  | SettingsUpdatedEvent
  | RoleUpdatedEvent
  | UserCreatedEvent
  | UserUpdatedEvent
  | AccountUpdatedEvent
  | TelegramStatusEvent
  | PresenceMembersEvent
  | PresenceJoinedEvent
  | PresenceUpdatedEvent
  | PresenceLeftEvent
  | SlotHeldEvent
  | SlotReleasedEvent;
