/**
 * Sends webhooks as Svix does: signs each attempt, retries on Svix's schedule, and stops if the receiver asks for it.
 *
 * @module
 */
import { signWebhook } from "../../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import { createId } from "./keys.ts";

/** Milliseconds between each attempt and the one before: eight attempts over 27 h 35 min 5 s. */
export const SVIX_SCHEDULE_MS = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000].map((seconds) => seconds * 1000);

/** Milliseconds after which an attempt fails. */
const TIMEOUT_MS = 15_000;

/** A message: one event for the endpoint. */
export interface Message {
  id: string;
  type: string;
  body: string;
  /** `sending` while attempts remain. */
  state: "sending" | "delivered" | "failed";
  attempts: Attempt[];
}

/** One delivery attempt. */
export interface Attempt {
  at: number;
  /** The HTTP status; 0 without a response. */
  status: number;
  /** The response's body, shortened. */
  answer: string;
}

/** Options of the sender. */
export interface SenderOptions {
  /** The webhook's URL. */
  endpoint: string;
  secret: string;
  messages: Map<string, Message>;
  /** Milliseconds before each attempt. */
  schedule?: readonly number[];
  /** Returns the current delay of first attempts in milliseconds. */
  delayMs?: () => number;
  /** Called after a message changed. */
  changed: () => void;
}

/** Sends webhook messages. */
export interface Sender {
  /** Stores an event and starts to deliver it. */
  send: (type: string, event: unknown) => Message;
  /** Delivers a message again regardless of its state, optionally under another id. */
  resend: (id: string, as?: string) => Promise<Attempt>;
  /** Continues with messages that an earlier run left undelivered. */
  resume: () => void;
  stop: () => Promise<void>;
}

/**
 * Creates a sender.
 *
 * @param options Endpoint, secret, schedule and the stored messages.
 * @returns The sender.
 */
export function createSender(
  { endpoint, secret, messages, schedule = SVIX_SCHEDULE_MS, delayMs = () => 0, changed }: SenderOptions,
): Sender {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const running = new Set<Promise<unknown>>();
  const stopping = new AbortController();

  function next(message: Message): void {
    const wait = schedule[message.attempts.length];
    if (wait === undefined) {
      message.state = "failed";
      return changed();
    }
    const late = message.attempts.length === 0 ? delayMs() : 0;
    timers.set(message.id, setTimeout(() => track(deliver(message)), wait + late));
  }

  async function deliver(message: Message): Promise<void> {
    timers.delete(message.id);
    const { attempt, abort } = await tryOnce(message);
    if (attempt.status >= 200 && attempt.status < 300) message.state = "delivered";
    else if (abort) message.state = "failed";
    else if (!stopping.signal.aborted) next(message);
    changed();
  }

  async function tryOnce(message: Message, messageId = message.id): Promise<{ attempt: Attempt; abort: boolean }> {
    const at = Date.now();
    const headers = signWebhook(message.body, secret, { messageId, sentAt: at });
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), stopping.signal]);
    const { status, answer, abort } = await post(endpoint, message.body, headers, signal);
    const attempt = { at, status, answer };
    message.attempts.push(attempt);
    return { attempt, abort };
  }

  function track<T>(promise: Promise<T>): Promise<T> {
    running.add(promise);
    return promise.finally(() => running.delete(promise));
  }

  return {
    send(type, event) {
      const message: Message = {
        id: createId("msg"),
        type,
        body: JSON.stringify(event),
        state: "sending",
        attempts: [],
      };
      messages.set(message.id, message);
      next(message);
      changed();
      return message;
    },
    async resend(id, as = id) {
      const message = messages.get(id);
      if (!message) throw new RangeError(`Cannot resend the message: no message has the id ${id}`);
      const { attempt } = await track(tryOnce(message, as));
      changed();
      return attempt;
    },
    resume() {
      for (const message of messages.values()) if (message.state === "sending") next(message);
    },
    async stop() {
      stopping.abort();
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.allSettled(running);
    },
  };
}

async function post(url: string, body: string, headers: Record<string, string>, signal: AbortSignal) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "Svix-Webhooks/simulated", ...headers },
      body,
      signal,
      redirect: "manual",
    });
    const answer = (await response.text()).slice(0, 1_000);
    return { status: response.status, answer, abort: response.headers.get("webhook-delivery") === "abort-message" };
  } catch (error) {
    return { status: 0, answer: String(error), abort: false };
  }
}
