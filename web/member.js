/**
 * Lets a signed-in user change the name, sign out and delete the account.
 */
import { createSupabase, dataOf } from "./clients.js";
import { byId, messageOf, onSubmit, pause, say, showError } from "./dom.js";

/** Milliseconds to wait until a deleted user's row is gone. */
const DELETION_WAIT_MS = 20_000;

/**
 * Wires the account's forms and buttons.
 *
 * @param {any} clerk
 * @param {import("./clients.js").Settings} settings
 * @param {ReturnType<typeof import("./row.js").createRowView>} row
 * @param {{ rest: () => Promise<void>, wake: () => void } | undefined} organizations
 */
export function wireMember(clerk, settings, row, organizations) {
  onSubmit(byId("rename"), async ({ first_name }) => {
    if (first_name === clerk.user.firstName) throw new Error("Enter another first name: this is already yours");
    await clerk.user.update({ firstName: first_name });
    say("Clerk has the new name. Waiting for the webhook …");
    const changed = await row.becomes("first_name", first_name);
    say(changed ? `The webhook has landed: the row says ${first_name}.` : "The webhook has not arrived yet.");
  });

  // Without a callback, Clerk would reload the page.
  byId("sign-out").addEventListener("click", async () => {
    await organizations?.rest();
    await clerk.signOut(() => say("You are signed out."));
  });

  const dialog = byId("confirm-delete");
  byId("delete").addEventListener("click", () => dialog.showModal());
  byId("delete-now").addEventListener("click", async () => {
    showError(dialog, "");
    await organizations?.rest();
    try {
      await deleteAccount(clerk, settings, () => dialog.close());
    } catch (error) {
      organizations?.wake();
      showError(dialog, messageOf(error));
    }
  });
}

/**
 * Deletes the user at Clerk, and waits until the user's last token reads no row.
 *
 * @param {any} clerk
 * @param {import("./clients.js").Settings} settings
 * @param {() => void} deleted Called when Clerk has deleted the user.
 */
async function deleteAccount(clerk, settings, deleted) {
  const token = await clerk.session.getToken();
  const supabase = createSupabase(settings, () => Promise.resolve(token));
  await clerk.user.delete();
  deleted();
  say("Clerk has deleted the account. Waiting for the webhook …");
  const end = Date.now() + DELETION_WAIT_MS;
  while ((await dataOf(await supabase.from("users").select())).length > 0) {
    if (Date.now() > end) return say("The account is deleted, but the webhook has not arrived yet.");
    await pause(250);
  }
  say("The account is deleted and the row is gone: the last token is still valid but reads no rows.");
}
