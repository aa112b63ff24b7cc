"""DO. One verb a file, in the order a text travels.

A flow loads, asks a rule, records: facts from the store, a verdict from `rules`, the outcome in one
short transaction. The network stands outside of every transaction.

Before a text:      import_people, change_location, post_shift, plan_offer (what would happen),
                    offer_shift
Text, mail or call: reach_person
Its words:          write_text, write_mail
On its way:         switchboard (a client per sender), send_messages, track_delivery; send_mail
If it may be lost:  settle_doubt (RingCentral's store), decide_doubt (a person)
What comes back:    keep_subscription, read_webhooks, sync_messages; hear_link from a mail
Hearing it:         hear_reply, and by meaning hear_consent, hear_join, answer_offer, give_back,
                    ask_back
Doing it:           take_offer, fill_shift, answer_reply, tell_manager, answer_inbox (a person)
What is allowed:    change_consent and allow_nights (a manager's word), check_number,
                    check_address, anchor_consents, export_consents
RingCentral's list: tell_ringcentral, compare_consents, hear_ringcentral, check_consents, through
                    ask_account; check_senders
By the clock:       ask_standby, remind, expire, tell_unreachable, tell_unmailed
When plans change:  cancel_shift
Afterwards:         tell_story
"""
