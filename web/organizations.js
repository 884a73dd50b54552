/**
 * Lets the user create, join, switch and leave organizations. `organization.js` shows the active one.
 */
import { byId, element, messageOf, onSubmit, say } from "./dom.js";

/**
 * Wires the form and the lists of organizations and invitations.
 *
 * @param {any} clerk
 * @param {{ show: (organization: any) => Promise<void> }} active Shows the active organization.
 * @param {(ids: string[]) => void} follow Called with the ids of every organization that the user has been in.
 */
export function wireOrganizations(clerk, active, follow) {
  const known = new Set();
  let newest = 0;
  let isResting = false;
  let asking = Promise.resolve();

  /** Runs one refresh at a time, so that an older response never replaces a newer one. */
  async function refresh() {
    if (!isResting) await inTurn(ask);
  }

  /**
   * Runs a refresh or an action after the previous one. A refresh beside an action could ask for an organization that
   * the user has just left.
   *
   * @template T
   * @param {() => Promise<T>} run
   * @returns {Promise<T>}
   */
  async function inTurn(run) {
    const asked = asking.then(run);
    asking = asked.then(() => undefined, () => undefined);
    return await asked;
  }

  async function ask() {
    const run = ++newest;
    const [memberships, invitations] = await Promise.all([
      clerk.user.getOrganizationMemberships(),
      clerk.user.getOrganizationInvitations({ status: "pending" }),
    ]);
    if (run !== newest || !clerk.user) return;
    byId("organizations").hidden = false;
    for (const { organization } of memberships.data) known.add(organization.id);
    follow([...known]);
    byId("invitation-list").replaceChildren(...invitations.data.map(invitationItem));
    byId("organization-list").replaceChildren(...memberships.data.map(membershipItem));
    const isMember = memberships.data.some((/** @type {any} */ { organization }) =>
      organization.id === clerk.organization?.id
    );
    await active.show(isMember ? clerk.organization : null);
  }

  /** @param {string} verb @param {string} label The name for screen readers. @param {() => Promise<string>} act */
  function button(verb, label, act) {
    const made = element("button", { type: "button", "aria-label": label }, verb);
    made.addEventListener("click", async () => {
      try {
        const done = await inTurn(act);
        await refresh();
        say(done);
        byId("organizations-title").focus();
      } catch (error) {
        say(messageOf(error));
      }
    });
    return made;
  }

  function invitationItem(/** @type {any} */ invitation) {
    const { name } = invitation.publicOrganizationData;
    return element(
      "li",
      {},
      element("span", {}, `${name} invites you`),
      button("Join", `Join ${name}`, async () => {
        await invitation.accept();
        return `You joined ${name}.`;
      }),
    );
  }

  function membershipItem(/** @type {any} */ { organization: { id, name }, role }) {
    const isActive = clerk.organization?.id === id;
    const change = isActive
      ? button("Work without", `Work without ${name}`, async () => {
        await clerk.setActive({ organization: null });
        return "No organization is active, so its data is not accessible.";
      })
      : button("Switch", `Switch to ${name}`, async () => {
        await clerk.setActive({ organization: id });
        return `${name} is active, and the next token contains it.`;
      });
    const leave = button("Leave", `Leave ${name}`, async () => {
      await clerk.user.leaveOrganization(id);
      if (isActive) await clerk.setActive({ organization: null });
      return `You left ${name}.`;
    });
    return element(
      "li",
      isActive ? { "aria-current": "true" } : {},
      element("span", {}, `${name} · ${role}${isActive ? " · active" : ""}`),
      element("div", { class: "buttons" }, change, leave),
    );
  }

  onSubmit(byId("create-organization"), async ({ name }) => {
    const { id } = await clerk.createOrganization({ name });
    await clerk.setActive({ organization: id });
    byId("create-organization").reset();
    await refresh();
    say(`${name} was created and is active.`);
  });

  return {
    refresh,
    /** Waits for the current refresh and pauses further ones, which would fail once the session has ended. */
    async rest() {
      isResting = true;
      await asking;
    },
    wake() {
      isResting = false;
    },
    clear() {
      isResting = false;
      newest++;
      known.clear();
      byId("organizations").hidden = true;
      for (const id of ["invitation-list", "organization-list"]) byId(id).replaceChildren();
      active.show(null);
    },
  };
}
