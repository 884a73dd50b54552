/**
 * Judges an adopter's additions to `public.users` that may refuse a user or keep the row of a deleted one.
 *
 * @module
 */
import { type CheckResult, failed, ok } from "./report.ts";

/** The part of `clerk_diagnosis` that is about the schema of `public.users`. */
export interface UsersSchema {
  blocking_references: Array<{ table: string; constraint: string; on_delete: string; columns: string[] }>;
  email_is_not_null: boolean;
  unique_usernames: string[];
  triggers: Array<
    { name: string; function: string; timing: string; raises: boolean; writes: boolean; changes_row: boolean }
  >;
  silent_publications: string[];
  isolation_defaults: Array<{ place: string; isolation: string }>;
}

/** The checks, in the order in which they are reported. */
export const USERS_SCHEMA_JUDGES: ReadonlyArray<{ name: string; judge: (schema: UsersSchema) => CheckResult }> = [
  { name: "references", judge: judgeReferences },
  { name: "users-constraints", judge: judgeConstraints },
  { name: "users-triggers", judge: judgeTriggers },
  { name: "replica-identity", judge: judgeReplicaIdentity },
  { name: "isolation", judge: judgeIsolation },
];

/**
 * Checks that no foreign key keeps the row of a deleted user.
 *
 * @param schema The database's answer.
 * @returns The result.
 */
export function judgeReferences({ blocking_references: found }: Pick<UsersSchema, "blocking_references">): CheckResult {
  const name = "references";
  if (found.length === 0) return ok(name, "no foreign key to public.users keeps a deleted user's row");
  return failed(
    name,
    "foreign keys keep a deleted user's row, which is then hidden instead: " +
      found.map(({ table, constraint, on_delete }) => `${table} ${constraint} (${on_delete})`).join(", "),
    "In a migration: " +
      found.map(({ table, constraint, columns }) =>
        `alter table ${table} drop constraint ${constraint}, add constraint ${constraint} ` +
        `foreign key (${columns.join(", ")}) references public.users (id) on delete cascade;`
      ).join(" ") +
      " Or on delete set null, if the columns may be null",
  );
}

/**
 * Checks that no constraint on the bundle's columns refuses users that Clerk accepts.
 *
 * @param schema The database's answer.
 * @returns The result.
 */
export function judgeConstraints(
  { email_is_not_null, unique_usernames }: Pick<UsersSchema, "email_is_not_null" | "unique_usernames">,
): CheckResult {
  const name = "users-constraints";
  const faults = [
    ...(email_is_not_null ? ["email is not null, so users without an address are refused"] : []),
    ...(unique_usernames.length > 0
      ? [
        `username is unique (${unique_usernames.join(", ")}), so a user who takes over a freed username may be refused`,
      ]
      : []),
  ];
  if (faults.length === 0) return ok(name, "email may be null, and username is not unique");
  return failed(
    name,
    faults.join("; "),
    "In a migration: " + [
      ...(email_is_not_null ? ["alter table public.users alter column email drop not null;"] : []),
      ...unique_usernames.map((index) =>
        `drop index ${index}; (or drop the constraint of that name: Clerk keeps usernames unique)`
      ),
    ].join(" "),
  );
}

/**
 * Reports the triggers on `public.users`, because their errors refuse users.
 *
 * @param schema The database's answer.
 * @returns Failed if a trigger raises errors; otherwise ok, with the triggers that write.
 */
export function judgeTriggers({ triggers }: Pick<UsersSchema, "triggers">): CheckResult {
  const name = "users-triggers";
  const raising = triggers.filter(({ raises }) => raises);
  if (raising.length > 0) {
    return failed(
      name,
      "triggers on public.users raise errors, and each error refuses a user or keeps a deleted one's row: " +
        raising.map(describeTrigger).join(", "),
      "Let the trigger's function record the problem in one of your tables instead of raising an error",
    );
  }
  const writing = triggers.filter(({ writes, changes_row }) => writes || changes_row);
  if (writing.length === 0) return ok(name, "no trigger on public.users raises errors, writes or changes the row");
  return ok(
    name,
    `none raises errors. If one of these triggers fails, the user is refused: ${
      writing.map(describeTrigger).join(", ")
    }`,
  );
}

function describeTrigger(trigger: UsersSchema["triggers"][number]): string {
  return `${trigger.name} (${trigger.timing}, ${trigger.function})`;
}

/**
 * Checks that no publication makes updates of `public.users` fail.
 *
 * @param schema The database's answer.
 * @returns The result.
 */
export function judgeReplicaIdentity(
  { silent_publications: found }: Pick<UsersSchema, "silent_publications">,
): CheckResult {
  const name = "replica-identity";
  if (found.length === 0) return ok(name, "no publication makes updates or deletes of public.users fail");
  return failed(
    name,
    `public.users has replica identity nothing and is in ${found.join(", ")}: every update and delete fails`,
    "In a migration: alter table public.users replica identity default;",
  );
}

/**
 * Checks that transactions are read committed by default, which the write path requires.
 *
 * @param schema The database's answer.
 * @returns The result.
 */
export function judgeIsolation({ isolation_defaults: found }: Pick<UsersSchema, "isolation_defaults">): CheckResult {
  const name = "isolation";
  if (found.length === 0) return ok(name, "transactions are read committed by default");
  return failed(
    name,
    `the default isolation is not read committed: ${
      found.map(({ place, isolation }) => `${isolation} (${place})`).join(", ")
    }`,
    "For each: alter role … reset default_transaction_isolation; or alter database … reset default_transaction_isolation;",
  );
}
