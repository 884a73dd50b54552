/**
 * `doctor`: what is wrong with an installation, and how to mend it.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { readMigrations, readProject } from "../../dev/project.ts";
import type { Surroundings } from "../surroundings.ts";
import { diagnose } from "./diagnose.ts";
import { describeReport } from "./report.ts";

/** Stands for a project where none is asked. */
const NO_PROJECT = "https://project.invalid";

interface Options {
  json?: boolean;
  token?: string;
  local?: boolean;
}

/**
 * Adds `doctor`.
 *
 * @param program The program.
 * @param surroundings The world.
 */
export function addDoctor(program: Command, surroundings: Surroundings): void {
  program.command("doctor")
    .description("Check the installation, and say how to mend each fault. No key and no token is printed.")
    .option("--json", "print the result as JSON")
    .option("--token <session token>", "try this session token (default: one of a live session)")
    .addOption(new Option("--local", "only the checks that need no network").conflicts("token"))
    .addHelpText("after", "\nExit codes: 0 where no check failed, 1 otherwise. docs/cli.md lists the checks.")
    .action(async ({ json, token, local = false }: Options) => {
      const target = await surroundings.findTarget(local ? NO_PROJECT : undefined);
      const { fetch, now } = surroundings;
      const report = await diagnose({ target, fetch, now, readProject, readMigrations, token }, { local });
      surroundings.print(json ? JSON.stringify(report) : describeReport(report));
      if (!report.ok) surroundings.setExitCode(1);
    });
}
