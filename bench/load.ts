/**
 * Measures requests: their cost in the function's process, the rate, the latency, and the memory of the process after
 * many requests.
 *
 * @module
 */
import type { Candidate } from "./alternatives.ts";
import type { Platform } from "./platform.ts";
import { serve, type Server } from "./served.ts";
import { median, percentile } from "./statistics.ts";

/** The measurements of a module. */
export interface Load {
  name: string;
  /** Milliseconds of user and system time for one request: the median of the rounds. */
  cpu: number;
  /** Requests in a second: the median of the rounds. */
  rate: number;
  /** Milliseconds from request to answer, over all rounds. */
  p50: number;
  p95: number;
  p99: number;
  /** Resident memory in megabytes, after the first round and after the last. */
  memory: [first: number, last: number];
}

/** How much load. */
export interface LoadOptions {
  rounds: number;
  /** Requests of one round. */
  requests: number;
  /** Requests at once. */
  connections: number;
  /** Requests that are sent with the same headers and body: one unless given. */
  repeats?: number;
}

interface Running {
  candidate: Candidate;
  server: Server;
  cpu: number[];
  rate: number[];
  latency: number[];
  memory: number[];
}

/**
 * Loads modules in turn, round after round, each in a process that lives for all rounds.
 *
 * @param candidates The modules.
 * @param platform Their environment.
 * @param options How much.
 * @returns One row for each.
 */
export async function measureLoad(
  candidates: readonly Candidate[],
  platform: Platform,
  options: LoadOptions,
): Promise<Load[]> {
  const running: Running[] = [];
  for (const candidate of candidates) {
    const server = await serve({ ...candidate, env: platform.env });
    running.push({ candidate, server, cpu: [], rate: [], latency: [], memory: [] });
  }
  // The first round lets V8 compile hot code, and does not count.
  for (let round = -1; round < options.rounds; round++) {
    for (const one of inRotation(running, round + 1)) await loadOnce(one, platform, options, round >= 0);
  }
  for (const { server } of running) await server.stop();
  return running.map(describe);
}

/** Each round begins with another module, so that none always follows the same one. */
function inRotation<T>(all: readonly T[], round: number): T[] {
  const first = round % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

async function loadOnce(one: Running, { requests }: Platform, options: LoadOptions, counts: boolean): Promise<void> {
  const { server, candidate } = one;
  const prepared = await prepare(requests[candidate.request], options);
  const url = `${server.url}/${candidate.request}`;
  const latency: number[] = [];
  const before = await server.cpuMs();
  const started = performance.now();
  await Promise.all(Array.from({ length: options.connections }, async () => {
    for (let init = prepared.pop(); init; init = prepared.pop()) latency.push(await ask(candidate.name, url, init));
  }));
  const seconds = (performance.now() - started) / 1000;
  const cpu = await server.cpuMs() - before;
  if (!counts) return;
  one.cpu.push(cpu / options.requests);
  one.rate.push(options.requests / seconds);
  one.latency.push(...latency);
  one.memory.push(await server.memoryMegabytes());
}

/** Repeated requests are spread over the round, as those of many callers are. */
async function prepare(
  request: () => Promise<RequestInit>,
  { requests, repeats = 1 }: LoadOptions,
): Promise<RequestInit[]> {
  const different = await Promise.all(Array.from({ length: Math.ceil(requests / repeats) }, request));
  return Array.from({ length: requests }, (_, index) => different[index % different.length]!);
}

async function ask(name: string, url: string, init: RequestInit): Promise<number> {
  const started = performance.now();
  const response = await fetch(url, init);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`Cannot measure ${name}: ${response.status} ${text}`);
  return performance.now() - started;
}

function describe({ candidate, cpu, rate, latency, memory }: Running): Load {
  return {
    name: candidate.name,
    cpu: median(cpu),
    rate: median(rate),
    p50: percentile(latency, 0.5),
    p95: percentile(latency, 0.95),
    p99: percentile(latency, 0.99),
    memory: [memory[0]!, memory.at(-1)!],
  };
}
