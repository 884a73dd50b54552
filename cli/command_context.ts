/**
 * The environment of a command: network, output, clock and project. Tests pass their own.
 *
 * @module
 */
import type { Env } from "../supabase/functions/_clerk-supabase/config.ts";
import type { Fetch } from "../supabase/functions/_clerk-supabase/http/bounded_fetch.ts";
import type { RunSupabase } from "../project/supabase_cli.ts";

/** Everything outside of a command that it reads, writes or calls. */
export interface CommandContext {
  /** Finds the project that the command works on, and its variables. */
  findTarget: (options?: FindOptions) => Promise<Target>;
  fetch: Fetch;
  /** Prints a line for people, or for the program that reads `--json`. */
  print: (line: string) => void;
  /** Prints a line that is not the result, such as progress or an error. */
  printError: (line: string) => void;
  /** Sets an exit code other than 0 without throwing an error. */
  setExitCode: (code: number) => void;
  /** Whether stderr is a terminal, so that a progress bar can be drawn. */
  terminal: boolean;
  /** Aborted when the user asks to stop. */
  stop: AbortSignal;
  /** The clock, in milliseconds. */
  now: () => number;
  /** Waits for milliseconds; resolves at once when stopped. */
  sleep: (milliseconds: number) => Promise<void>;
  workplace: Workplace;
}

/** The machine that a command runs on. */
export interface Workplace {
  /** The bundle: this repository, or the npm package. */
  root: URL;
  /** The current folder; relative paths are resolved from it. */
  folder: string;
  /** Finds the project that a command works on: the value of `--project`, or else the nearest one upwards. */
  findProject: (given?: string) => Promise<URL>;
  /** The shell's variables. */
  shell: Env;
  supabase: RunSupabase;
  /** Deno's arguments for finding packages: none if JSR answers, otherwise those that link its stand-ins. */
  packageArguments: () => Promise<readonly string[]>;
  /** The keys of a configuration that link the stand-ins; empty if JSR answers. */
  standInLinks: () => Promise<Record<string, string[]>>;
  /**
   * Returns whether this process may start programs, which `deploy` needs, or write files, as `add` and `remove` do.
   */
  may: (right: "run" | "write") => Promise<boolean>;
}

/** How to find a project. */
export interface FindOptions {
  /** A project's URL, used if nothing else names one. */
  url?: string | undefined;
  /** The value of `--project`; the default is the nearest project upwards. */
  project?: string | undefined;
}

/** A project, hosted or local. */
export interface Target {
  /** The project's URL, without a trailing slash. */
  url: string;
  /** Whether it runs on this machine. */
  local: boolean;
  /** The project's variables, for the readers of `config.ts`. */
  env: Env;
}
