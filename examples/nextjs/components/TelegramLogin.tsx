"use client";

/** The button «Увійти через Telegram» and what follows it. Style it by `className` and by the data attributes. */
import type { User } from "adelante-client";
import { useTelegramLogin } from "../hooks/useTelegramLogin";
import type { TelegramPhase } from "../hooks/useTelegramLogin";

export interface TelegramLoginProps {
  /** The tokens are in their place: to the page that wanted a login. */
  onSignedIn: (user: User) => void;
  /** The salon whose people sign in here, where the server has several. */
  salon?: number;
  className?: string;
}

const WAITING: Record<string, string> = {
  pending: "Відкрийте бота за посиланням або QR-кодом.",
  awaiting_confirmation: "Бот питає, чи створити обліковий запис. Підтвердьте в чаті.",
  confirmed: "Підтвердьте вхід у чаті з ботом.",
  awaiting_approval: "Обліковий запис створено. Його має ввімкнути адміністратор салону.",
};

const OVER: Record<string, string> = {
  user: "Вхід скасовано в чаті.",
  inactive: "Обліковий запис вимкнено. Зверніться до адміністратора.",
  wrong_number: "У чаті обрали не те число. Вхід скасовано.",
  registration_closed: "Реєстрацію закрито. Зверніться до адміністратора.",
  expired: "Час вийшов. Спробуйте ще раз.",
};

export function TelegramLogin({ onSignedIn, salon, className }: TelegramLoginProps) {
  const { state, start, cancel } = useTelegramLogin(onSignedIn, salon);
  return (
    <section className={className} data-testid="telegram-login" data-phase={state.phase} aria-label="Вхід через Telegram">
      {state.phase === "idle" && (
        <button type="button" onClick={start}>
          Увійти через Telegram
        </button>
      )}
      {state.phase === "waiting" && <Waiting state={state} />}
      <p role="status">{told(state)}</p>
      {(state.phase === "over" || state.phase === "failed") && (
        <button type="button" onClick={start}>
          Спробувати ще раз
        </button>
      )}
      {state.phase !== "idle" && state.phase !== "done" && (
        <button type="button" onClick={cancel}>
          Увійти з паролем
        </button>
      )}
    </section>
  );
}

function Waiting({ state }: { state: Extract<TelegramPhase, { phase: "waiting" }> }) {
  const { begun, isLive } = state;
  return (
    <>
      <a href={begun.deep_link} target="_blank" rel="noreferrer" data-testid="telegram-link">
        Відкрити @{begun.bot_username}
      </a>
      <img src={begun.qr_code} alt="QR-код для входу через Telegram" />
      {begun.match_number !== undefined && (
        <p>
          Бот спитає число: <strong data-testid="telegram-number">{begun.match_number}</strong>
        </p>
      )}
      {!isLive && <p>Немає зв’язку. Відновлюємо…</p>}
    </>
  );
}

function told(state: TelegramPhase): string {
  switch (state.phase) {
    case "waiting":
      return WAITING[state.status] ?? "";
    case "over":
      return OVER[state.reason ?? state.status] ?? OVER.expired;
    case "failed":
      if (state.error.code === "TELEGRAM_DISABLED") return "Вхід через Telegram тут не налаштовано.";
      if (state.error.retryAfter !== null) return `Спробуйте ще раз через ${state.error.retryAfter} с.`;
      return state.error.status === 0 ? "Немає зв’язку із сервером." : state.error.message;
    case "taking":
      return "Входимо…";
    default:
      return "";
  }
}
