/**
 * Small helpers for the page: elements by id, elements from text, forms that wait and show their error in place.
 */

/**
 * @param {string} id
 * @returns {any} The element; a missing one is a mistake in the page.
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}`);
  return element;
}

/**
 * Makes an element. Text stays text: what users write is never markup.
 *
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Says what happened, to eyes and to screen readers. @param {string} text */
export function say(text) {
  const status = byId("status");
  status.hidden = false;
  status.textContent = text;
}

/**
 * Calls a function with the form's values when it is submitted; while it runs, the form cannot be submitted again, and
 * what it throws is shown in the form.
 *
 * @param {HTMLFormElement} form
 * @param {(values: Record<string, string>) => Promise<void>} submit
 */
export function onSubmit(form, submit) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true" || !isComplete(form)) return;
    form.ariaBusy = "true";
    showError(form, "");
    try {
      await submit(/** @type {any} */ (Object.fromEntries(new FormData(form))));
    } catch (error) {
      showError(form, messageOf(error), fieldOf(error));
    } finally {
      form.ariaBusy = "false";
    }
  });
}

/** Names the first field that is empty or malformed, in the browser's own words. @param {HTMLFormElement} form */
function isComplete(form) {
  const wrong = /** @type {HTMLInputElement | null} */ (form.querySelector("input:invalid"));
  if (wrong) showError(form, `${labelOf(wrong)}: ${wrong.validationMessage}`, wrong.name);
  return !wrong;
}

/**
 * Shows an error in place, and moves to the field that it is about.
 *
 * @param {HTMLElement} place What contains the error's paragraph.
 * @param {string} message Empty for none.
 * @param {string} [field] The field's name.
 */
export function showError(place, message, field) {
  const paragraph = /** @type {HTMLElement} */ (place.querySelector(".error"));
  paragraph.textContent = message;
  for (const input of place.querySelectorAll("input")) {
    input.removeAttribute("aria-invalid");
    if (message === "" || input.name !== field) continue;
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }
}

/** @param {HTMLInputElement} input */
const labelOf = (input) => input.closest("label")?.firstChild?.textContent?.trim() ?? input.name;

/** Clerk's errors carry a list, of which the first tells most. @param {any} error */
export const messageOf = (error) => error?.errors?.[0]?.longMessage ?? error?.message ?? String(error);

/** @param {any} error */
const fieldOf = (error) => error?.errors?.[0]?.meta?.paramName;

/** @param {number} milliseconds */
export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
