/**
 * Checks the Clerk instance that the database is bound to. With keys of another instance, reconcile would import that
 * instance's users and treat all others as deleted. So it reads and writes nothing with such keys until an operator
 * asks for the move.
 *
 * @module
 */
import type { ClerkApi } from "../_clerk-supabase/clerk/api.ts";
import type { ProveInstance } from "../_clerk-supabase/clerk/key_instance.ts";
import { ApiError } from "../_clerk-supabase/errors.ts";
import { invalidField } from "../_clerk-supabase/http/fields.ts";
import type { ReconcileStore } from "./store.ts";
import type { RowSource } from "./sweep.ts";

/** Dependencies of the binding. */
export interface InstanceDeps {
  proveInstance: ProveInstance;
  clerk: Pick<ClerkApi, "listUsers">;
  store: Pick<ReconcileStore, "boundInstance" | "bindInstance" | "moveInstance">;
  listUserRows: RowSource["listRows"];
}

/** The binding of the database, checked with the configured keys. */
export interface InstanceBinding {
  /**
   * Resolves if the database is bound to the instance of the keys. Binds an unbound database if `mayBind` is true and
   * most of its users exist at that instance. Otherwise throws `DATABASE_OF_OTHER_INSTANCE`, or the errors of the
   * proof.
   */
  require: (options: { mayBind: boolean }) => Promise<void>;
  /** Binds or moves the database to this instance. Throws `FIELD_INVALID` if the keys belong to another one. */
  move: (instanceId: string) => Promise<void>;
}

/** Number of users to look up before an unbound database is bound. */
const SAMPLED_USERS = 50;

/**
 * Creates the binding.
 *
 * @param deps Proof of the keys, Clerk and the store.
 * @returns The binding.
 */
export function createInstanceBinding({ proveInstance, clerk, store, listUserRows }: InstanceDeps): InstanceBinding {
  // Clerk's key id is its instance id. Keys with other ids do not name an instance.
  const readNames = async () => (await proveInstance()).filter((id) => id.startsWith("ins_"));

  return {
    require: async ({ mayBind }) => {
      const names = await readNames();
      const bound = await store.boundInstance();
      if (bound !== undefined && !names.includes(bound)) throw ofOther(bound, names);
      const [name] = names;
      if (bound !== undefined || name === undefined || !mayBind) return;
      await requireFamiliarUsers(clerk, listUserRows, name);
      const winner = await store.bindInstance(name, "reconcile");
      if (winner !== name) throw ofOther(winner, names);
    },
    move: async (instanceId) => {
      const names = await readNames();
      if (!names.includes(instanceId)) throw notOfKeys(names);
      const bound = await store.bindInstance(instanceId, "operator");
      if (bound !== instanceId) await store.moveInstance(bound, instanceId);
    },
  };
}

/** Throws unless most of an unbound database's users exist at the instance, because they may belong to another one. */
async function requireFamiliarUsers(
  clerk: InstanceDeps["clerk"],
  listUserRows: RowSource["listRows"],
  name: string,
): Promise<void> {
  const ids = await sampleUsers(listUserRows);
  if (ids.length === 0) return;
  const page = await clerk.listUsers({ limit: SAMPLED_USERS, user_id: ids });
  const present = page?.users.length ?? 0;
  if (present * 2 > ids.length) return;
  throw new ApiError(
    "DATABASE_OF_OTHER_INSTANCE",
    `Cannot reconcile: the keys belong to the instance ${name}, which has only ${present} of ${ids.length} users of ` +
      `this database. Correct the keys, or replace the users by those of ${name}: ${howToBind(name)}`,
  );
}

/** Returns the ids of the first page that has a user with a row. Users whose profile never arrived have no row. */
async function sampleUsers(listUserRows: RowSource["listRows"], after = ""): Promise<string[]> {
  const rows = await listUserRows(after, SAMPLED_USERS);
  const ids = rows.filter(({ live }) => live).map(({ user_id = "" }) => user_id);
  const last = rows.at(-1);
  return ids.length > 0 || last === undefined ? ids : await sampleUsers(listUserRows, last.user_id);
}

function ofOther(bound: string, [name]: readonly string[]): ApiError {
  const fault = `Cannot reconcile: this database is bound to the Clerk instance ${bound}, but the keys belong to `;
  return new ApiError(
    "DATABASE_OF_OTHER_INSTANCE",
    name === undefined
      ? `${fault}an instance without an id. Correct the keys`
      : `${fault}${name}. Correct the keys or, if the project moved to ${name}, move the database: ${howToBind(name)}`,
  );
}

function howToBind(name: string): string {
  return `bind (clerk reconcile --bind ${name})`;
}

function notOfKeys([name]: readonly string[]): ApiError {
  const actual = name === undefined ? "which do not name it" : name;
  return invalidField("bind", `must be the instance of the configured keys, ${actual}`);
}
