/**
 * How messages arrive when things go wrong.
 *
 * @module
 */

/** What goes wrong. */
export interface Disorder {
  /** Any order. */
  shuffle?: boolean;
  /** Each one twice. */
  duplicate?: boolean;
  /** The first one last, as one whose first attempts failed. */
  late?: boolean;
}

/**
 * Puts messages into the order of their arrival.
 *
 * @param messages As they happened.
 * @param disorder What goes wrong.
 * @param random A number from 0 to below 1.
 * @returns As they arrive.
 */
export function arrange<T>(messages: readonly T[], disorder: Disorder, random: () => number): T[] {
  const [first, ...rest] = messages;
  const late = disorder.late && first !== undefined ? [...rest, first] : [...messages];
  const all = disorder.duplicate ? late.flatMap((message) => [message, message]) : late;
  return disorder.shuffle ? shuffle(all, random) : all;
}

/** Fisher and Yates's: every order is equally likely. */
function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let index = shuffled.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
  }
  return shuffled;
}
