"""DO. One verb a file, in the order a text travels.

A flow loads, asks a rule, records: facts from the store, a verdict from `rules`, the outcome in one
short transaction. The network stands outside of every transaction.

Before a text:      import_people, post_shift, plan_offer (what would happen), offer_shift
Its words:          write_text
On its way:         switchboard (a client per sender), send_messages, track_delivery
If it may be lost:  settle_doubt (RingCentral's store), decide_doubt (a person)
What comes back:    keep_subscription, read_webhooks, sync_messages
Hearing it:         hear_reply, and by meaning hear_consent, answer_offer, give_back, ask_back
Doing it:           fill_shift, answer_reply, tell_manager, answer_inbox (a person)
By the clock:       ask_standby, remind, expire, tell_unreachable
When plans change:  cancel_shift
Afterwards:         tell_story
"""
