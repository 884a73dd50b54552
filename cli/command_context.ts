/**
 * What a command works in. Tests pass their own.
 *
 * @module
 */
import type { Env } from "../supabase/functions/_clerk-supabase/config.ts";
import type { Fetch } from "../supabase/functions/_clerk-supabase/http/bounded_fetch.ts";
import type { RunSupabase } from "../project/supabase_cli.ts";

/** Everything that a command has to do with the world. */
export interface CommandContext {
  /** Finds the project that the command is about, and its variables. */
  findTarget: (options?: FindOptions) => Promise<Target>;
  fetch: Fetch;
  /** Prints a line for people, or for the program that reads `--json`. */
  print: (line: string) => void;
  /** Prints a line that is not the result: progress, what goes wrong. */
  printError: (line: string) => void;
  /** Says how the command ended, where it is not 0 and nothing was thrown. */
  setExitCode: (code: number) => void;
  /** Whether stderr is a terminal: whether a progress bar makes sense. */
  terminal: boolean;
  /** Aborted when the user asks to stop. */
  stop: AbortSignal;
  /** The clock, in milliseconds. */
  now: () => number;
  /** Waits for milliseconds; resolves at once when stopped. */
  sleep: (milliseconds: number) => Promise<void>;
  workplace: Workplace;
}

/** Where people deploy from. */
export interface Workplace {
  /** The bundle: this repository, or the npm package. */
  root: URL;
  /** The current folder, from which relative paths count. */
  folder: string;
  /** Finds the project that a command works on: the value of `--project`, else the nearest one upwards. */
  findProject: (given?: string) => Promise<URL>;
  /** The shell's variables. */
  shell: Env;
  supabase: RunSupabase;
  /** The arguments with which Deno finds the packages: none if JSR answers, else those that link its stand-ins. */
  packageArguments: () => Promise<readonly string[]>;
  /** What links the stand-ins in a configuration: nothing if JSR answers. */
  standInLinks: () => Promise<Record<string, string[]>>;
  /** Whether this process may start others, as `deploy` must, or write files, as `add` and `remove` must. */
  may: (right: "run" | "write") => Promise<boolean>;
}

/** Where to look for a project. */
export interface FindOptions {
  /** A project's URL, for where nothing else names one. */
  url?: string | undefined;
  /** The value of `--project`; the nearest project upwards unless given. */
  project?: string | undefined;
}

/** A project, hosted or local. */
export interface Target {
  /** The project's URL, without a trailing slash. */
  url: string;
  /** Whether it is this machine's. */
  local: boolean;
  /** The project's variables, for the readers of `config.ts`. */
  env: Env;
}
