/**
 * Buttons that deliver messages again, and compare the row before and after to show that nothing changed.
 */
import { byId, messageOf } from "./dom.js";
import { countOutcomes } from "./words.js";

/**
 * Wires the buttons that deliver messages again.
 *
 * @param {ReturnType<typeof import("./simulator.js").createSimulator>} simulator
 * @param {{ read: () => Promise<unknown> }} row
 * @param {() => string} userId
 */
export function wireReplay(simulator, row, userId) {
  const result = byId("replay-result");

  async function replay(/** @type {string} */ order) {
    const before = JSON.stringify(await row.read());
    const deliveries = await simulator.replay(order, userId());
    const after = JSON.stringify(await row.read());
    result.dataset.equal = String(before === after);
    result.textContent = `${deliveries.length} deliveries: ${countOutcomes(deliveries)}. ${
      before === after ? "Row before = row after, updated_at included." : "Row before ≠ row after."
    }`;
  }

  for (const button of byId("replay").querySelectorAll("[data-order]")) {
    button.addEventListener("click", async () => {
      if (result.ariaBusy === "true") return;
      result.ariaBusy = "true";
      clear();
      await replay(button.dataset.order).catch((error) => result.textContent = messageOf(error));
      result.ariaBusy = "false";
    });
  }

  function clear() {
    delete result.dataset.equal;
    result.textContent = "";
  }
  return { clear };
}

/**
 * Wires the button that sends the same events as "Send Example" in Clerk's dashboard.
 *
 * @param {ReturnType<typeof import("./simulator.js").createSimulator>} simulator
 * @param {{ showToo: (ids: string[]) => void }} timeline
 */
export function wireExamples(simulator, timeline) {
  const [button, result] = [byId("send-examples"), byId("replay-result")];
  button.addEventListener("click", async () => {
    delete result.dataset.equal;
    try {
      const messages = await simulator.sendExamples();
      timeline.showToo(messages.map(({ id }) => id));
      result.textContent = `${messages.length} example events are on their way: each must be ignored.`;
    } catch (error) {
      result.textContent = messageOf(error);
    }
  });
}

/**
 * Wires the switch that holds webhooks back.
 *
 * @param {ReturnType<typeof import("./simulator.js").createSimulator>} simulator
 */
export async function wireHold(simulator) {
  const button = byId("hold");
  const show = (/** @type {{ delay_ms: number }} */ { delay_ms }) => button.ariaPressed = String(delay_ms > 0);
  button.addEventListener("click", async () => show(await simulator.delay(button.ariaPressed === "true" ? 0 : 5_000)));
  show(await simulator.switches());
}
