/**
 * The example of an app's own data: the user's resumes, read and written through the function `resumes`.
 */
import { dataOf } from "./clients.js";
import { byId, element, onSubmit, say } from "./dom.js";

/**
 * Wires the form and the list.
 *
 * @param {any} supabase
 */
export function wireResumes(supabase) {
  const invoke = async (/** @type {string} */ path, /** @type {object} */ options) =>
    await dataOf(await supabase.functions.invoke(path, options));

  async function list() {
    const { resumes } = await invoke("resumes", { method: "GET" });
    byId("resume-list").replaceChildren(...resumes.map(item));
  }

  function item(/** @type {{ id: string, title: string }} */ { id, title }) {
    const remove = element("button", { type: "button", "aria-label": `Delete ${title}` }, "Delete");
    remove.addEventListener("click", async () => {
      try {
        await invoke(`resumes/${id}`, { method: "DELETE" });
        await list();
        say(`Resume “${title}” is deleted.`);
        byId("resumes-title").focus();
      } catch (error) {
        say(/** @type {Error} */ (error).message);
      }
    });
    return element("li", {}, element("span", {}, title), remove);
  }

  onSubmit(byId("add-resume"), async ({ title }) => {
    await invoke("resumes", { method: "POST", body: { title } });
    byId("add-resume").reset();
    await list();
    say(`Resume “${title}” is saved as yours.`);
  });

  return { list, clear: () => byId("resume-list").replaceChildren() };
}
