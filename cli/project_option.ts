/**
 * The option `--project`.
 *
 * @module
 */
import { Option } from "commander";

/** Returns the option `--project` of the commands that work on a project. */
export function projectOption(): Option {
  return new Option("--project <folder>", "the project's folder (default: the nearest one upwards that is a project)");
}
