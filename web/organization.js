/**
 * The active organization: responses of the function and the Data API, members and shared projects.
 */
import { dataOf } from "./clients.js";
import { byId, element, messageOf, onSubmit, say } from "./dom.js";

const ADMIN = "org:admin";
const MEMBER = "org:member";

/**
 * Wires the view of the active organization.
 *
 * @param {any} clerk
 * @param {any} supabase
 * @param {boolean} hasProjects Whether the project has the example function `projects`.
 */
export function wireOrganization(clerk, supabase, hasProjects) {
  const invoke = async (/** @type {string} */ path, /** @type {object} */ options) =>
    await dataOf(await supabase.functions.invoke(path, options));
  /** Returns the response, or the error's message: the page shows either. */
  const answerOf = (/** @type {Promise<any>} */ asked) => asked.catch((error) => messageOf(error));
  const write = (/** @type {string} */ id, /** @type {unknown} */ answer) => {
    byId(id).textContent = typeof answer === "string" ? answer : JSON.stringify(answer, null, 2);
  };

  async function show(/** @type {any} */ organization) {
    byId("organization").hidden = !organization;
    if (!organization) return;
    byId("organization-title").textContent = `In ${organization.name}`;
    const memberships = supabase.from("organization_memberships").select("role, created_at, organizations(name)");
    const [answer, rows, members, projects] = await Promise.all([
      answerOf(invoke("organization", { method: "GET" })),
      answerOf(Promise.resolve(memberships).then(dataOf)),
      answerOf(organization.getMemberships()),
      hasProjects ? answerOf(invoke("projects", { method: "GET" })) : undefined,
    ]);
    write("organization-answer", answer);
    write("memberships-answer", rows);
    byId("member-list").replaceChildren(...(members.data ?? []).map(memberItem));
    byId("projects").hidden = !hasProjects;
    byId("project-list").replaceChildren(...projectItems(projects));
  }

  function memberItem(/** @type {any} */ { publicUserData: { userId, identifier }, role }) {
    const isSelf = userId === clerk.user.id;
    const isAdmin = clerk.user.organizationMemberships
      .some((/** @type {any} */ one) => one.organization.id === clerk.organization.id && one.role === ADMIN);
    const next = role === ADMIN ? MEMBER : ADMIN;
    const buttons = isSelf || !isAdmin ? [] : [
      button(
        `Make ${next.slice(4)}`,
        `Make ${next.slice(4)} of ${identifier}`,
        () => clerk.organization.updateMember({ userId, role: next }),
      ),
      button("Remove", `Remove ${identifier}`, () => clerk.organization.removeMember(userId)),
    ];
    return element(
      "li",
      {},
      element("span", {}, `${identifier} · ${role}`),
      element("div", { class: "buttons" }, ...buttons),
    );
  }

  /** @param {string} verb @param {string} label The name for screen readers. @param {() => Promise<unknown>} act */
  function button(verb, label, act) {
    const made = element("button", { type: "button", "aria-label": label }, verb);
    made.addEventListener("click", async () => {
      try {
        await act();
        await show(clerk.organization);
        say(`${label}: done at Clerk. The webhook will update the row.`);
        byId("organization-title").focus();
      } catch (error) {
        say(messageOf(error));
      }
    });
    return made;
  }

  function projectItems(/** @type {any} */ answer) {
    if (answer === undefined) return [];
    if (typeof answer === "string") return [element("li", {}, answer)];
    return answer.projects.map((/** @type {{ name: string }} */ { name }) =>
      element("li", {}, element("span", {}, name))
    );
  }

  onSubmit(byId("invite"), async ({ email_address }) => {
    await clerk.organization.inviteMember({ emailAddress: email_address, role: MEMBER });
    byId("invite").reset();
    say(`${email_address} is invited: sign up with this address in a private window and join.`);
  });

  onSubmit(byId("add-project"), async ({ name }) => {
    await invoke("projects", { method: "POST", body: { name } });
    byId("add-project").reset();
    await show(clerk.organization);
    say(`Project “${name}” belongs to ${clerk.organization.name}.`);
  });

  return { show };
}
