/**
 * Helpers of the page: find and create elements, submit forms, and show errors in place.
 */

/**
 * @param {string} id
 * @returns {any} The element; throws if the page lacks it.
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}`);
  return element;
}

/**
 * Creates an element. Text is never parsed as markup.
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

/** Shows a status message, which screen readers announce. @param {string} text */
export function say(text) {
  const status = byId("status");
  status.hidden = false;
  status.textContent = text;
}

/**
 * Calls a function with the form's values on submit. The form cannot be submitted again while the function runs, and it
 * shows the function's errors.
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

/** Shows the browser's message for the first invalid field. @param {HTMLFormElement} form */
function isComplete(form) {
  const wrong = /** @type {HTMLInputElement | null} */ (form.querySelector("input:invalid"));
  if (wrong) showError(form, `${labelOf(wrong)}: ${wrong.validationMessage}`, wrong.name);
  return !wrong;
}

/**
 * Shows an error in place and focuses its field.
 *
 * @param {HTMLElement} place The element that contains the error's paragraph.
 * @param {string} message The message; empty to clear it.
 * @param {string} [field] The name of the invalid field.
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

/**
 * Returns an error's message. Clerk's errors contain a list, whose first entry is the most specific. @param {any} error
 */
export const messageOf = (error) => error?.errors?.[0]?.longMessage ?? error?.message ?? String(error);

/** @param {any} error */
const fieldOf = (error) => error?.errors?.[0]?.meta?.paramName;

/** @param {number} milliseconds */
export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
