/* Follows the mail: asks once a second what came, draws only that.

   Every word is set as textContent; in a letter's text, web addresses become links and nothing
   else does. */
"use strict";

const EVERY_MS = 1000;
const ADDRESS = /(https?:\/\/[^\s<>"]+)/;

const byId = (id) => document.getElementById(id);
const letters = new Map();
let newest = 0;

function writeLinked(paragraph, text) {
  // Splitting by a pattern with one group leaves the matches at the odd places.
  paragraph.replaceChildren(...text.split(ADDRESS).map((part, place) => {
    if (place % 2 === 0) return document.createTextNode(part);
    const link = document.createElement("a");
    link.href = part;
    link.textContent = part;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    return link;
  }));
}

function draw(mail) {
  const article = byId("mail").content.firstElementChild.cloneNode(true);
  article.querySelector(".subject").textContent = mail.subject || "(no subject)";
  const time = new Date(mail.at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  article.querySelector(".ends").textContent = `${mail.from} to ${mail.to} · ${time}`;
  writeLinked(article.querySelector(".body"), mail.text.trim());
  const html = article.querySelector(".html");
  html.href = `/mail/${mail.id}/html`;
  html.hidden = !mail.html;
  article.querySelector(".raw").href = `/mail/${mail.id}/raw`;
  article.setAttribute("aria-label", `Letter to ${mail.to}`);
  article.dataset.hay = [mail.from, mail.to, mail.subject, mail.text].join("\n").toLowerCase();
  article.classList.toggle("fresh", newest > 0);
  return article;
}

function sift() {
  const words = byId("find").value.trim().toLowerCase();
  let shown = 0;
  for (const article of letters.values()) {
    article.hidden = !article.dataset.hay.includes(words);
    shown += !article.hidden;
  }
  byId("empty").hidden = letters.size > 0;
  byId("none").hidden = letters.size === 0 || shown > 0;
}

function tell(text, isLost = false) {
  const status = byId("status");
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle("lost", isLost);
}

async function look() {
  const answer = await fetch(`/_simulator/mails?since=${newest}`);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const news = await answer.json();
  if (news.newest < newest || news.total < letters.size) {
    // Cleared or restarted: forget the letters and ask for all of them.
    newest = 0;
    letters.clear();
    byId("mails").replaceChildren();
    if (news.total) return look();
  }
  for (const mail of news.mails) {
    const article = draw(mail);
    letters.set(mail.id, article);
    byId("mails").prepend(article);
  }
  newest = news.newest;
  for (const [id, article] of letters) {
    if (letters.size <= news.total) break;
    letters.delete(id);
    article.remove();
  }
  sift();
  tell(`${news.total} letter${news.total === 1 ? "" : "s"}`);
}

async function follow() {
  try {
    if (!document.hidden) await look();
  } catch {
    tell("The simulator does not answer; trying again", true);
  }
  setTimeout(follow, EVERY_MS);
}

byId("find").addEventListener("input", sift);
document.querySelector(".find").addEventListener("submit", (event) => event.preventDefault());
follow();
