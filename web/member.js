/**
 * What a signed-in user does with its account: change the name, sign out, delete it.
 */
import { createSupabase, dataOf } from "./clients.js";
import { byId, messageOf, onSubmit, pause, say, showError } from "./dom.js";

/** How long the end of a row is waited for, in milliseconds. */
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
    if (first_name === clerk.user.firstName) throw new Error("That is your first name already");
    await clerk.user.update({ firstName: first_name });
    say("Clerk has the new name. Waiting for the webhook …");
    const changed = await row.becomes("first_name", first_name);
    say(changed ? `The webhook has landed: the row says ${first_name}.` : "The webhook has not come yet.");
  });

  // Without a function Clerk would load the page anew.
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
 * Deletes the user at Clerk, and watches the row go with the last token that the user had.
 *
 * @param {any} clerk
 * @param {import("./clients.js").Settings} settings
 * @param {() => void} deleted Called when Clerk has done so.
 */
async function deleteAccount(clerk, settings, deleted) {
  const token = await clerk.session.getToken();
  const supabase = createSupabase(settings, () => Promise.resolve(token));
  await clerk.user.delete();
  deleted();
  say("Clerk has deleted the account. Waiting for the webhook …");
  const end = Date.now() + DELETION_WAIT_MS;
  while ((await dataOf(await supabase.from("users").select())).length > 0) {
    if (Date.now() > end) return say("The account is deleted; the webhook has not come yet.");
    await pause(250);
  }
  say("The account is deleted, and the row is gone: the last token, still valid, reads no row.");
}
