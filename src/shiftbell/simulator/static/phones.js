/* Follows the phones: asks once a second what changed, draws only that, and lets people type.

   Every text is set as textContent, never as HTML. A card that somebody types in keeps its place;
   the others move to the front when something happens on them. */
"use strict";

const EVERY_MS = 1000;
const READ_MS = 4000;
const PAGE = 60;
const FAILED = ["SendingFailed", "DeliveryFailed"];
const STATES = { Queued: "on its way", Sent: "Sent", Delivered: "Delivered", Received: "" };

const byId = (id) => document.getElementById(id);
const phones = new Map();
const cards = new Map();
let revision = 0;
let room = PAGE;
let readUntil = 0;

function clockTime(at) {
  return new Date(at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
}

function nationalForm(number) {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return parts ? `(${parts[1]}) ${parts[2]}-${parts[3]}` : number;
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function drawText(text, severalSenders) {
  const isMine = text.direction === "Inbound";
  const hasFailed = FAILED.includes(text.status);
  const row = element("li", "text", "");
  row.classList.toggle("mine", isMine);
  row.classList.toggle("failed", hasFailed);
  row.classList.toggle("robot", text.by === "RingCentral");
  row.append(element("p", "bubble", text.text));
  const words = [clockTime(text.at)];
  if (severalSenders) words.push(nationalForm(isMine ? text.to : text.from));
  if (text.by === "RingCentral") words.push("by RingCentral");
  else if (hasFailed) words.push(text.status === "SendingFailed" ? "never left" : "not delivered");
  else if (STATES[text.status]) words.push(STATES[text.status]);
  if (text.code) words.push(text.code);
  row.append(element("span", "state", words.join(" · ")));
  return row;
}

function scrollDown(card) {
  const list = card.querySelector(".texts");
  requestAnimationFrame(() => { list.scrollTop = list.scrollHeight; });
}

function makeCard(phone) {
  const card = byId("phone").content.firstElementChild.cloneNode(true);
  const input = card.querySelector(".words");
  card.querySelector(".write").addEventListener("submit", (event) => {
    event.preventDefault();
    const words = input.value.trim();
    if (words) say(phone.number, words).then((done) => { if (done) input.value = ""; });
  });
  for (const button of card.querySelectorAll("[data-say]")) {
    button.addEventListener("click", () => say(phone.number, button.dataset.say));
  }
  card.addEventListener("animationend", () => card.classList.remove("fresh"));
  cards.set(phone.number, card);
  return card;
}

function drawCard(phone) {
  const card = cards.get(phone.number) || makeCard(phone);
  if (card.dataset.revision === String(phone.revision)) return card;
  const who = phone.name || nationalForm(phone.number);
  card.setAttribute("aria-label", `Phone of ${who}`);
  card.querySelector(".who").textContent = who;
  card.querySelector(".number").textContent = phone.name ? nationalForm(phone.number) : "";
  card.querySelector(".kind").textContent = phone.temperament.replaceAll("_", " ");
  card.querySelector(".words").setAttribute("aria-label", `Text from ${who}`);
  for (const button of card.querySelectorAll("[data-say]")) {
    button.setAttribute("aria-label", `${button.dataset.say}, from ${who}`);
  }
  const list = card.querySelector(".texts");
  list.setAttribute("aria-label", `Texts of ${who}`);
  const ends = new Set(phone.texts.map((t) => (t.direction === "Inbound" ? t.to : t.from)));
  list.replaceChildren(...phone.texts.map((text) => drawText(text, ends.size > 1)));
  card.classList.toggle("fresh", card.dataset.revision !== undefined);
  card.dataset.revision = phone.revision;
  scrollDown(card);
  return card;
}

function fits(phone, words, show) {
  const texts = phone.texts;
  if (show === "texted" && !texts.length) return false;
  if (show === "answered" && !texts.some((t) => t.direction === "Inbound")) return false;
  if (show === "failed" && !texts.some((t) => FAILED.includes(t.status))) return false;
  if (!words) return true;
  const digits = words.replace(/\D/g, "");
  const hay = [phone.name, phone.number, phone.temperament, ...texts.map((t) => t.text)];
  return hay.some((part) => part.toLowerCase().includes(words))
    || (digits.length > 2 && phone.number.includes(digits));
}

function arrange(section, shown) {
  shown.forEach((card, place) => {
    if (section.children[place] === card) return;
    section.insertBefore(card, section.children[place] || null);
    scrollDown(card);
  });
  while (section.children.length > shown.length) section.lastElementChild.remove();
}

function draw() {
  const section = byId("phones");
  const words = byId("find").value.trim().toLowerCase();
  const fitting = [...phones.values()].filter((p) => fits(p, words, byId("show").value));
  fitting.sort((one, other) => other.revision - one.revision);
  const shown = fitting.slice(0, room).map(drawCard);
  const active = document.activeElement;
  if (active.matches(".words") && section.contains(active)) {
    // Nobody wants the phone they type on to jump away: only add, until they are done.
    section.append(...shown.filter((card) => !section.contains(card)));
  } else {
    arrange(section, shown);
    // A card that moved has lost its focus on the way.
    if (section.contains(active)) active.focus({ preventScroll: true });
  }
  byId("empty").hidden = phones.size > 0;
  byId("none").hidden = phones.size === 0 || fitting.length > 0;
  byId("more").hidden = fitting.length <= room;
}

function complain(text) {
  tell(text, true);
  readUntil = Date.now() + READ_MS;
}

function tell(text, isLost = false) {
  // A complaint stays long enough to be read, whatever else there is to tell.
  if (Date.now() < readUntil) return;
  const status = byId("status");
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle("lost", isLost);
}

function count() {
  let texts = 0;
  for (const phone of phones.values()) texts += phone.texts.length;
  const plural = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  tell(`${plural(phones.size, "phone")} · ${plural(texts, "text")}`);
}

async function look() {
  const answer = await fetch(`/_simulator/phones?since=${revision}`);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const news = await answer.json();
  if (news.revision < revision || news.total < phones.size) {
    // The world was reset or restarted: forget the phones and ask for all of them.
    revision = 0;
    phones.clear();
    cards.clear();
    byId("phones").replaceChildren();
    return look();
  }
  revision = news.revision;
  for (const phone of news.phones) phones.set(phone.number, phone);
  if (news.phones.length || !phones.size) draw();
  count();
}

async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) {
      await look();
      return true;
    }
    const refusal = await answer.json().catch(() => ({}));
    complain(refusal.message || `The simulator refused: HTTP ${answer.status}`);
  } catch {
    complain("The simulator does not answer");
  }
  return false;
}

function say(number, words) {
  return post("/_simulator/reply", { phone: number, text: words });
}

async function follow() {
  try {
    if (!document.hidden) await look();
  } catch {
    tell("The simulator does not answer; trying again", true);
  }
  setTimeout(follow, EVERY_MS);
}

byId("find").addEventListener("input", () => { room = PAGE; draw(); });
byId("show").addEventListener("change", () => { room = PAGE; draw(); });
byId("more").addEventListener("click", () => { room += PAGE; draw(); });
document.querySelector(".find").addEventListener("submit", (event) => event.preventDefault());
byId("phones").addEventListener("focusout", () => setTimeout(draw, 150));
byId("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const [number, name, temperament] = ["number", "name", "temperament"].map((id) => byId(id).value);
  if (await post("/_simulator/phones", { number, name, temperament })) form.reset();
});
follow();
