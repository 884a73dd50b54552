/**
 * What happens at the simulator's Clerk, whichever interface it came through: it is remembered, and a webhook tells
 * of it.
 *
 * @module
 */
import { codeEvent, type CodeMessage } from "./code_messages.ts";
import { rotateKey } from "./keys.ts";
import { createOrganizationChanges, type OrganizationChanges } from "./organizations/changes.ts";
import { createRoleChanges, type RoleChanges } from "./organizations/role_changes.ts";
import { createSessionChanges, type SessionChanges } from "./session_changes.ts";
import type { State } from "./state.ts";
import type { Switches } from "./switches.ts";
import { createUserChanges, type UserChanges } from "./user_changes.ts";
import type { Sender } from "./webhooks.ts";

export { findUser } from "./user_changes.ts";

/** What changes work on. */
export interface ChangesOptions {
  state: State;
  sender: Sender;
  switches: Switches;
  /** Called when the state changed. */
  changed: () => void;
}

/** What can happen. */
export interface Changes extends UserChanges, SessionChanges {
  /** Sends a code. The event carries it, as Clerk's does, so the timeline shows it; nothing else is sent. */
  sendCode: (code: CodeMessage) => void;
  /** Signs with a new key from now on. */
  rotateKeys: () => Promise<void>;
  /** Has the state saved after a change that no webhook tells of. */
  changed: () => void;
  organizations: OrganizationChanges;
  roles: RoleChanges;
}

/**
 * Returns the changes.
 *
 * @param options State and sender.
 * @returns The changes.
 */
export function createChanges({ state, sender, switches, changed }: ChangesOptions): Changes {
  function tell(type: string, data: unknown): void {
    sender.send(type, { data, instance_id: state.instance.id, object: "event", timestamp: Date.now(), type });
    changed();
  }

  const organizations = createOrganizationChanges({ state, switches, tell });
  return {
    ...createUserChanges({ state, organizations, tell }),
    ...createSessionChanges({ state, tell, changed }),
    sendCode(code) {
      tell(...codeEvent(code));
    },
    async rotateKeys() {
      state.instance = await rotateKey(state.instance);
      changed();
    },
    changed,
    organizations,
    roles: createRoleChanges({ state, tell }),
  };
}
