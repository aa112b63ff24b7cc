// RingCentral's own JavaScript client, unchanged: log in, send, read, list, subscribe, log out.
// Takes the RC_* variables from the environment; prints one JSON object of what it saw.

import { createServer } from "node:http";
import { createRequire } from "node:module";

const { SDK } = createRequire(`${process.cwd()}/`)("@ringcentral/sdk");
const env = process.env;
const extension = "/restapi/v1.0/account/~/extension/~";

let heard;
const event = new Promise((resolve) => { heard = resolve; });
const receiver = createServer((request, response) => {
  let body = "";
  request.on("data", (part) => { body += part; });
  request.on("end", () => {
    const token = request.headers["validation-token"];
    if (token) response.setHeader("Validation-Token", token);
    response.setHeader("Content-Type", "application/json");
    response.end();
    if (body) heard(JSON.parse(body));
  });
});
await new Promise((ready) => { receiver.listen(0, "127.0.0.1", ready); });

const platform = new SDK({
  server: env.RC_SERVER_URL,
  clientId: env.RC_CLIENT_ID,
  clientSecret: env.RC_CLIENT_SECRET,
}).platform();
await platform.login({ jwt: env.RC_JWT_TOKEN });
const sent = await (await platform.post(`${extension}/sms`, {
  from: { phoneNumber: env.RC_FROM_NUMBER },
  to: [{ phoneNumber: env.TO_NUMBER }],
  text: "Reply YES to take it.",
})).json();
const read = await (await platform.get(`${extension}/message-store/${sent.id}`)).json();
const list = await (await platform.get(`${extension}/message-store`, { direction: "Outbound" })).json();
const subscription = await (await platform.post("/restapi/v1.0/subscription", {
  eventFilters: [`${extension}/message-store/instant?type=SMS`],
  deliveryMode: {
    transportType: "WebHook",
    address: `http://127.0.0.1:${receiver.address().port}/hook`,
  },
})).json();
const refused = await platform.post(`${extension}/sms`, {}).catch((error) => error.response.status);
await fetch(`${env.RC_SERVER_URL}/_simulator/reply`, {
  method: "POST",
  body: JSON.stringify({ phone: env.TO_NUMBER, text: "YES" }),
});
const answer = (await event).body.subject;
await platform.logout();
receiver.close();
console.log(JSON.stringify({
  sent: sent.messageStatus,
  read: read.subject,
  listed: list.records.length,
  subscription: subscription.status,
  refused,
  answer,
}));
