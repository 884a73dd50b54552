/**
 * Applies changes from every interface of the simulator to the state, and sends their webhooks.
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

/** Dependencies of the changes. */
export interface ChangesOptions {
  state: State;
  sender: Sender;
  switches: Switches;
  /** Called after the state changed. */
  changed: () => void;
}

/** All changes of the simulator. */
export interface Changes extends UserChanges, SessionChanges {
  /** Sends an event with the code, as Clerk does, so that the timeline shows it. No e-mail or text message is sent. */
  sendCode: (code: CodeMessage) => void;
  /** Replaces the signing key. */
  rotateKeys: () => Promise<void>;
  /** Saves the state after a change without a webhook. */
  changed: () => void;
  organizations: OrganizationChanges;
  roles: RoleChanges;
}

/**
 * Returns all changes.
 *
 * @param options State, sender and how to save.
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
