"""STOP means stop; HELP always helps; START begins again."""

OFFERED = """
    Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana
    Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
"""
BLOCKED = """
    Ana << You have opted out and will receive no more messages from this number. Reply START \
to resume.
"""


def test_stop_is_confirmed_by_ringcentral_and_by_nobody_else(play):
    theatre = play(f"""
        {OFFERED}
        Ana > STOP
        {BLOCKED}
        (nothing)
        Ana > yes
        (nothing)
    """)
    assert theatre.inbox() == ["yes"]


def test_stop_in_other_words_gets_our_one_confirmation(play):
    play(f"""
        {OFFERED}
        Ana > please stop texting me
        Ana < Acme: you are opted out and get no more texts. Reply START to get them again.
        Ana > i said leave me alone
        (nothing)
    """)


def test_stop_while_holding_a_shift_keeps_it_and_the_manager_knows(play):
    theatre = play(f"""
        {OFFERED}
        Ana > yes
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
        Ana > stop
        {BLOCKED}
        Mia < Ana opted out of texts. They still hold Sat Nov 28 9am-5pm, Dock 4; reminders must \
reach them another way.
        (Fri Nov 27 6pm)
        Mia < Ana must be called about Sat Nov 28 9am-5pm, Dock 4: opted out of texts.
        (Sat Nov 28 9am)
    """)
    assert theatre.holders() == {"Ana"}


def test_cancel_is_an_opt_out_word_and_the_manager_asks(play):
    play(f"""
        {OFFERED}
        Ana > CANCEL
        {BLOCKED}
        Mia < Ana wrote CANCEL, which opts out of all texts; they may have meant a shift. Ask them.
        (nothing)
    """)


def test_start_begins_again(play):
    play(f"""
        {OFFERED}
        Ana > no more texts please
        Ana < Acme: you are opted out and get no more texts. Reply START to get them again.
        (1 day)
        Ana > START
        Ana << You have opted in and will receive messages from this number again. Reply STOP to \
opt out.
        Ana < Acme: you will get texts about open shifts and your schedule; frequency varies. \
Msg & data rates may apply. Reply HELP for help, STOP to opt out.
        Ana > YES 1
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
    """)


def test_help_is_answered_for_a_stranger_and_nothing_else_is(play):
    theatre = play("""
        Stranger > who is this?
        (nothing)
        Stranger > help
        Stranger < Acme: texts about open shifts and your schedule; frequency varies. Help: \
help@example.com. Msg & data rates may apply. Reply STOP to opt out.
    """)
    assert theatre.inbox() == ["who is this?"]


def test_pause_is_not_stop(play):
    play(f"""
        {OFFERED}
        Ana > pause until monday
        Ana < OK Ana, no open shifts until Mon Nov 30. Texts about your own shifts still come.
        Ana > YES 1
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
        (Fri Nov 27 6pm)
        Ana < Acme: a reminder for Ana: you work tomorrow, Sat Nov 28 9am-5pm, Dock 4.
    """)


def test_a_wrong_number_is_left_alone(play):
    play(f"""
        {OFFERED}
        Ana > wrong number, who is Acme
        Ana < Acme: sorry about that. This number gets no more texts from us.
        Mia < The number on record for Ana is someone else's; correct it.
        (1 day)
    """)


def test_what_may_mean_stop_waits_for_the_manager(play):
    theatre = play(f"""
        {OFFERED}
        Ana > don't text me at night
        Mia < Ana wrote something that may mean STOP; offers to them wait until you decide.
        (nothing)
    """)
    assert theatre.inbox() == ["don't text me at night"]


def test_a_question_gets_one_kind_question_and_a_person(play):
    theatre = play(f"""
        {OFFERED}
        Ana > is lunch included?
        Ana < Sorry, I only understand YES, NO, DROP, HELP or STOP. Which one do you mean?
        Ana > I mean the food
        (nothing)
        Ana > yes
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
    """)
    assert theatre.inbox() == ["is lunch included?", "I mean the food"]


def test_a_thumbs_up_on_our_text_is_no_answer(play):
    theatre = play(f"""
        {OFFERED}
        Ana > Liked “Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.”
        (nothing)
        Ana > yes
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
    """)
    assert theatre.inbox() == []
