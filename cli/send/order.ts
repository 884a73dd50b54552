/**
 * Reorders messages, as unreliable delivery does.
 *
 * @module
 */

/** The faults of the delivery. */
export interface Disorder {
  /** Random order. */
  shuffle?: boolean;
  /** Each one twice. */
  duplicate?: boolean;
  /** The first one last, as if its first attempts had failed. */
  late?: boolean;
}

/**
 * Returns messages in the order of their arrival.
 *
 * @param messages The messages in the order of their events.
 * @param disorder The faults of the delivery.
 * @param random Returns a number from 0 to below 1.
 * @returns The messages to deliver, in order.
 */
export function arrange<T>(messages: readonly T[], disorder: Disorder, random: () => number): T[] {
  const [first, ...rest] = messages;
  const late = disorder.late && first !== undefined ? [...rest, first] : [...messages];
  const all = disorder.duplicate ? late.flatMap((message) => [message, message]) : late;
  return disorder.shuffle ? shuffle(all, random) : all;
}

/** The Fisher-Yates shuffle: every order is equally likely. */
function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let index = shuffled.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
  }
  return shuffled;
}
