/**
 * `deno task bench row`: the time to the row, on the local stack with PostgreSQL: from Clerk's webhook until the row is
 * read, and from Clerk's answer to a sign-up until `profile` answers 200. The page's calls are made without a browser,
 * whose own work would hide what is measured. Clients, Data API, functions and PostgreSQL share the machine.
 *
 * @module
 */
import type { Stack } from "../../dev/stack.ts";
import { runCpuSeconds } from "../machine.ts";
import { inTurns, type Measured, type Work } from "../measure.ts";
import {
  BEST_PRACTICE,
  newUserWebhook,
  OURS,
  post,
  type Receiver,
  requireRow,
  startRowStack,
  WAITING_PROFILE,
} from "../row_stack.ts";
import { holdWebhooks, requireProfile, type SignedUp, signUp, waitForWebhook } from "../sign_up.ts";
import { median, percentile } from "../statistics.ts";
import { atLeast, type Table } from "../table.ts";

/** How much to measure. */
export interface RowOptions {
  /** Seconds for each receiver at each number of webhooks in flight. */
  seconds: number;
  /** Sign-ups of each kind. */
  signUps: number;
  /** Cold starts of each kind. */
  starts: number;
}

const IN_FLIGHT = [1, 8, 64];
const TURNS = 5;
/** The least rate of webhooks beside the best practice. */
const LEAST_RATE = 0.9;

/**
 * Runs the suite.
 *
 * @param options How much.
 * @returns The tables.
 */
export async function benchRow(options: RowOptions): Promise<Table[]> {
  const stack = await startRowStack();
  try {
    return [
      await measureRows(stack, options),
      await measureRates(stack, options),
      await measureSignUps(stack, options),
    ];
  } finally {
    await stack.stop();
  }
}

/** Times of calls in milliseconds, and how many were answered 5xx. */
export interface Times {
  ms: number[];
  serverErrors: number;
}

/** Posts webhooks until so many were sent, and reads each user's row. */
export async function timeRows(
  stack: Stack,
  receiver: Receiver,
  { inFlight, webhooks }: { inFlight: number; webhooks: number },
): Promise<Times> {
  const times: Times = { ms: [], serverErrors: 0 };
  let left = webhooks;
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (left-- > 0) await timeRow(stack, receiver, times);
  }));
  return times;
}

async function timeRow(stack: Stack, receiver: Receiver, times: Times): Promise<void> {
  const { userId, request } = newUserWebhook(stack);
  const started = performance.now();
  const status = await post(stack, receiver, request);
  if (status >= 500) times.serverErrors++;
  else if (status !== 200) throw new Error(`Cannot measure ${receiver.name}: it answers ${status}`);
  else {
    await requireRow(stack, receiver, userId);
    times.ms.push(performance.now() - started);
  }
}

async function measureRows(stack: Stack, { seconds, starts }: RowOptions): Promise<Table> {
  const rows: Table["rows"] = [];
  for (const receiver of [OURS, BEST_PRACTICE]) {
    for (const inFlight of IN_FLIGHT) {
      rows.push(line("cold", receiver, inFlight, await timeCold(stack, receiver, { inFlight, starts })));
    }
  }
  for (const inFlight of IN_FLIGHT) {
    for (const [receiver, times] of await timeWarm(stack, { inFlight, seconds })) {
      rows.push(line("warm", receiver, inFlight, times));
    }
  }
  return {
    title: "From Clerk's webhook to the row that is read",
    columns: ["what", "functions", "in flight", "p50 ms", "p99 ms", "webhooks", "5xx"],
    rows,
  };
}

const NAMES = new Map([[OURS, "ours"], [BEST_PRACTICE, "best practice"]]);

function line(how: string, receiver: Receiver, inFlight: number, { ms, serverErrors }: Times): Table["rows"][number] {
  return [NAMES.get(receiver), how, inFlight, ...describeTimes(ms), ms.length, serverErrors];
}

const describeTimes = (ms: readonly number[]) => [median(ms), percentile(ms, 0.99)].map((time) => time.toFixed(1));

/** So many at once at a function that has to start first. */
async function timeCold(
  stack: Stack,
  receiver: Receiver,
  { inFlight, starts }: { inFlight: number; starts: number },
): Promise<Times> {
  const all: Times = { ms: [], serverErrors: 0 };
  // The first start fills caches and does not count.
  for (let start = -1; start < starts; start++) {
    stack.workers.replace();
    const { ms, serverErrors } = await timeRows(stack, receiver, { inFlight, webhooks: inFlight });
    if (start < 0) continue;
    all.ms.push(...ms);
    all.serverErrors += serverErrors;
  }
  return all;
}

/** Alternates between both, so that other load on the machine affects them equally. */
async function timeWarm(
  stack: Stack,
  { inFlight, seconds }: { inFlight: number; seconds: number },
): Promise<Map<Receiver, Times>> {
  const receivers = [OURS, BEST_PRACTICE];
  const all = new Map(receivers.map((receiver) => [receiver, { ms: [], serverErrors: 0 } as Times]));
  // The first calls prepare statements and plan them.
  for (const receiver of receivers) await timeRows(stack, receiver, { inFlight, webhooks: inFlight * 2 });
  for (let turn = 0; turn < TURNS; turn++) {
    for (const receiver of receivers) {
      const end = performance.now() + seconds * 1_000 / TURNS;
      await Promise.all(Array.from({ length: inFlight }, async () => {
        while (performance.now() < end) await timeRow(stack, receiver, all.get(receiver)!);
      }));
    }
  }
  return all;
}

async function measureRates(stack: Stack, { seconds }: RowOptions): Promise<Table> {
  const rows: Table["rows"] = [];
  for (const inFlight of IN_FLIGHT) {
    const works = { ours: postsTo(stack, OURS, inFlight), plain: postsTo(stack, BEST_PRACTICE, inFlight) };
    const { ours, plain } = await inTurns(works, { seconds, turns: TURNS });
    const ratio = ours.rate / plain.rate;
    const target = atLeast(LEAST_RATE, ratio);
    const figures = ({ rate, cpuMs }: Measured) => [inFlight, rate.toFixed(0), cpuMs!.toFixed(2)];
    rows.push([undefined, undefined, undefined, "ours", ...figures(ours)]);
    const cpuRatio = (ours.cpuMs! / plain.cpuMs!).toFixed(2);
    rows.push([ratio.toFixed(2), target, cpuRatio, "best practice", ...figures(plain)]);
  }
  return {
    title: "Webhooks a second, warm, in turns",
    columns: [
      ...["ours ÷ this, rate", "target", "ours ÷ this, CPU"],
      ...["what", "in flight", "webhooks/s", "CPU ms of all processes"],
    ],
    rows,
  };
}

function postsTo(stack: Stack, receiver: Receiver, inFlight: number): Work {
  return {
    callers: inFlight,
    cpuSeconds: runCpuSeconds,
    call: async () => {
      const status = await post(stack, receiver, newUserWebhook(stack).request);
      if (status !== 200) throw new Error(`Cannot measure ${receiver.name}: it answers ${status}`);
    },
  };
}

/** The requests between Clerk's response to a sign-up and the profile. */
interface Path {
  what: string;
  isHeld: boolean;
  show: (stack: Stack, person: SignedUp) => Promise<void>;
}

const PATHS: Path[] = [
  {
    what: "the webhook comes first",
    isHeld: false,
    show: async (stack, person) => {
      await waitForWebhook(stack, person.userId);
      await requireProfile(stack, WAITING_PROFILE, person);
    },
  },
  {
    what: "profile comes first and asks Clerk",
    isHeld: true,
    show: (stack, person) => requireProfile(stack, "profile", person),
  },
];

async function measureSignUps(stack: Stack, { signUps, starts }: RowOptions): Promise<Table> {
  const rows: Table["rows"] = [];
  for (const path of PATHS) {
    await holdWebhooks(stack, path.isHeld);
    for (const [how, times] of [["cold", starts], ["warm", signUps]] as const) {
      const ms: number[] = [];
      for (let n = -1; n < times; n++) {
        if (how === "cold") stack.workers.replace();
        const time = await timeSignUp(stack, path);
        if (n >= 0) ms.push(time);
      }
      rows.push([path.what, how, ...describeTimes(ms), times]);
    }
  }
  await holdWebhooks(stack, false);
  return {
    title: "From Clerk's answer to a sign-up to the profile",
    columns: ["what", "functions", "p50 ms", "p99 ms", "sign-ups"],
    rows,
  };
}

async function timeSignUp(stack: Stack, { show }: Path): Promise<number> {
  const person = await signUp(stack);
  const started = performance.now();
  await show(stack, person);
  return performance.now() - started;
}
