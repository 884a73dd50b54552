/**
 * The demo page: wires its parts and shows the view for a member or a guest.
 */
import { createSupabase, loadClerk, readSettings } from "./clients.js";
import { byId, messageOf, say } from "./dom.js";
import { wireGuest } from "./guest.js";
import { wireMember } from "./member.js";
import { wireOrganization } from "./organization.js";
import { wireOrganizations } from "./organizations.js";
import { wireExamples, wireHold, wireReplay } from "./replay.js";
import { wireResumes } from "./resumes.js";
import { createRowView } from "./row.js";
import { createSimulator } from "./simulator.js";
import { wireTables } from "./tables.js";
import { keepTimeline } from "./timeline.js";

const settings = await readSettings();
const simulator = settings.clerk.url === null ? undefined : createSimulator(settings.clerk.url);
// The simulator's cookies belong to one host name of this machine, and localhost is another.
if (simulator && location.origin !== settings.url) location.replace(settings.url);
else await start().catch((error) => say(messageOf(error)));

async function start() {
  describePlace();
  wireTables();
  const clerk = await loadClerk(settings);
  const supabase = createSupabase(settings, async () => (await clerk.session?.getToken()) ?? null);
  const row = createRowView(supabase);
  const resumes = settings.functions.includes("resumes") ? wireResumes(supabase) : undefined;
  const timeline = simulator &&
    keepTimeline(simulator, () => clerk.user && Promise.all([row.refresh(), refreshTeams()]));
  const organizations = settings.functions.includes("organization")
    ? wireOrganizations(
      clerk,
      wireOrganization(clerk, supabase, settings.functions.includes("projects")),
      (ids) => timeline?.followOrganizations(ids),
    )
    : undefined;
  // An instance without organizations answers an error; the page then shows none.
  const refreshTeams = () => organizations?.refresh().catch(() => undefined);
  const replay = simulator && wireReplay(simulator, row, () => clerk.user.id);
  if (simulator && timeline) wireExamples(simulator, timeline);
  if (simulator) await wireHold(simulator);
  wireGuest(clerk);
  wireMember(clerk, settings, row, organizations);
  byId("starting").hidden = true;

  let current = /** @type {string | null | undefined} */ (undefined);
  clerk.addListener((/** @type {{ user?: any }} */ { user }) => {
    if (user) showPerson(user);
    const id = user?.id ?? null;
    if (id === current) return;
    if (user) byId("rename").elements.first_name.value = user.firstName ?? "";
    const first = current === undefined;
    current = id;
    for (const part of [row, resumes, replay, organizations]) part?.clear();
    if (id) timeline?.follow(id);
    showSide(id ? "member" : "guest", !first);
    if (id) welcome(row, resumes).then(refreshTeams).catch((error) => say(messageOf(error)));
  });
}

/** Says which Clerk the page uses, and hides parts that do not apply to it. */
function describePlace() {
  byId("where").textContent = simulator
    ? "Everything runs on this machine, with a simulator instead of Clerk."
    : "This stack uses a real Clerk instance. Its webhooks reach this machine only through a tunnel.";
  byId("messages").hidden = byId("replay").hidden = !simulator;
  byId("resumes").hidden = !settings.functions.includes("resumes");
  for (const element of document.querySelectorAll(".local")) element.hidden = !simulator;
}

/** @param {"member" | "guest"} side @param {boolean} focus Whether an action of the visitor led here. */
function showSide(side, focus) {
  for (const id of ["member", "guest"]) byId(id).hidden = id !== side;
  if (focus) byId(`${side}-title`).focus();
}

/** @param {any} user */
function showPerson(user) {
  const address = user.primaryEmailAddress?.emailAddress ?? "";
  const name = user.firstName || address;
  byId("member-title").textContent = `Hello, ${name}`;
  byId("member-address").textContent = address;
  byId("avatar").textContent = name.slice(0, 1).toUpperCase();
}

/**
 * Waits for the row of the user who has just signed in, then lists the user's resumes.
 *
 * @param {ReturnType<typeof createRowView>} row
 * @param {ReturnType<typeof wireResumes> | undefined} resumes
 */
async function welcome(row, resumes) {
  const state = byId("row-state");
  state.textContent = "Waiting for the webhook …";
  const broughtBy = await row.arrives();
  if (broughtBy === undefined) return;
  state.textContent = broughtBy === "webhook"
    ? "Written by clerk-webhook and read under row level security."
    : "The webhook is late, so profile has fetched you from Clerk and written the row.";
  await resumes?.list();
}
