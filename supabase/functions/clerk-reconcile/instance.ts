/**
 * The Clerk instance that the database is bound to. Keys of another instance would bring that instance's users in and
 * take everybody else for deleted, so reconcile reads and writes nothing with them until an operator names the move.
 *
 * @module
 */
import type { ClerkApi } from "../_clerk-supabase/clerk/api.ts";
import type { ProveInstance } from "../_clerk-supabase/clerk/same_instance.ts";
import { ApiError } from "../_clerk-supabase/errors.ts";
import type { ReconcileStore } from "./store.ts";
import type { RowSource } from "./sweep.ts";

/** Dependencies of the binding. */
export interface InstanceDeps {
  proveInstance: ProveInstance;
  clerk: Pick<ClerkApi, "listUsers">;
  store: Pick<ReconcileStore, "boundInstance" | "bindInstance" | "moveInstance">;
  listUserRows: RowSource["listRows"];
}

/** The binding, for the keys that are configured. */
export interface InstanceBinding {
  /**
   * Returns if the database is bound to the instance of the keys. Binds an unbound one if `mayBind`, and if its users
   * exist at that instance. Throws `DATABASE_OF_OTHER_INSTANCE` otherwise, and whatever the proof of the keys throws.
   */
  require: (options: { mayBind: boolean }) => Promise<void>;
  /** Binds or moves the database to the instance that an operator named. Throws `FIELD_INVALID` if the keys differ. */
  move: (instanceId: string) => Promise<void>;
}

/** How many users of an unbound database are looked up before it is bound. */
const SAMPLED_USERS = 50;

/**
 * Creates the binding.
 *
 * @param deps Proof of the keys, Clerk and the store.
 * @returns The binding.
 */
export function createInstanceBinding({ proveInstance, clerk, store, listUserRows }: InstanceDeps): InstanceBinding {
  // Clerk's key id is its instance id. Keys with other ids name no instance.
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

/** Nothing has told yet whose users these are. Most of them must be users of the instance before it may have them. */
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
    `Cannot reconcile: the keys are of the instance ${name}, which knows ${present} of ${ids.length} users of this ` +
      `database. Correct the keys; or, if the users are to be replaced by those of ${name}, say so: ${howToBind(name)}`,
  );
}

/** The first page that has a user with a row. Before it may come any number whose profile never came. */
async function sampleUsers(listUserRows: RowSource["listRows"], after = ""): Promise<string[]> {
  const rows = await listUserRows(after, SAMPLED_USERS);
  const ids = rows.filter(({ live }) => live).map(({ user_id = "" }) => user_id);
  const last = rows.at(-1);
  return ids.length > 0 || last === undefined ? ids : await sampleUsers(listUserRows, last.user_id);
}

function ofOther(bound: string, [name]: readonly string[]): ApiError {
  const fault = `Cannot reconcile: this database is bound to the Clerk instance ${bound}, and the keys are `;
  return new ApiError(
    "DATABASE_OF_OTHER_INSTANCE",
    name === undefined
      ? `${fault}of one that does not name itself. Correct the keys`
      : `${fault}of ${name}. Correct the keys; or, if the project moved to ${name}, say so: ${howToBind(name)}`,
  );
}

function howToBind(name: string): string {
  return `bind (clerk reconcile --bind ${name})`;
}

function notOfKeys([name]: readonly string[]): ApiError {
  const actual = name === undefined ? "which do not name it" : `which is ${name}`;
  const detail = `Cannot take request: bind must be the instance of the configured keys, ${actual}`;
  return new ApiError("FIELD_INVALID", detail, { field: "bind" });
}
