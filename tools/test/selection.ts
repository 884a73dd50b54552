/**
 * What the command line of `deno task test` selects.
 *
 * @module
 */

/** The arguments of the command line. */
export interface Selection {
  onlyDeployed: boolean;
  saveDurations: boolean;
  /** Files and folders, without `./` and without a slash at the end. */
  paths: string[];
  /** Flags of `deno test`, and their values. */
  flags: string[];
  /** Arguments that are neither a path nor a flag or its value, such as a mistyped path. */
  unknown: string[];
}

/**
 * Sorts the arguments.
 *
 * @param args The arguments.
 * @param isPath Whether a file or folder of the project has this path.
 * @returns The selection.
 */
export async function readSelection(
  args: readonly string[],
  isPath: (text: string) => Promise<boolean>,
): Promise<Selection> {
  const selection: Selection = { onlyDeployed: false, saveDurations: false, paths: [], flags: [], unknown: [] };
  for (const [index, arg] of args.entries()) {
    const before = args[index - 1] ?? "";
    if (arg === "--deployed") selection.onlyDeployed = true;
    else if (arg === "--save-durations") selection.saveDurations = true;
    // The value of --filter may equal the name of a folder.
    else if (arg.startsWith("-") || before === "--filter") selection.flags.push(arg);
    else if (await isPath(arg)) selection.paths.push(arg.replace(/^\.\/|\/$/g, ""));
    else if (before.startsWith("-") && !arg.includes("/")) selection.flags.push(arg);
    else selection.unknown.push(arg);
  }
  return selection;
}
