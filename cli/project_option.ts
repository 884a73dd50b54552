/**
 * The option that names a project.
 *
 * @module
 */
import { Option } from "commander";

/** Returns `--project`, which every command has that works on a project. */
export function projectOption(): Option {
  return new Option("--project <folder>", "the project's folder (default: the nearest one upwards that is a project)");
}
