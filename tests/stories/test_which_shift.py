"""Several shifts at once: which one does a short answer mean?"""

TWO_OFFERS = """
    Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana
    Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
    Mia offers Sun Nov 29 9am-5pm, Dock 4 to Ana
    Ana < Acme: Sun Nov 29 9am-5pm, Dock 4. Reply YES 2 to take it, STOP to opt out.
"""
CHOICE = r"1) Sat Nov 28 9am-5pm, Dock 4\n2) Sun Nov 29 9am-5pm, Dock 4\n"


def test_a_plain_yes_to_two_offers_gets_a_list(play):
    play(f"""
        {TWO_OFFERS}
        Ana > yes
        Ana < Which one?\\n{CHOICE}Reply with the number.
        Ana > 2
        Ana < It is yours, Ana: Sun Nov 29 9am-5pm, Dock 4.
        Ana > yes 1
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
    """)


def test_a_number_answers_at_once(play):
    play(f"""
        {TWO_OFFERS}
        Ana > YES 2
        Ana < It is yours, Ana: Sun Nov 29 9am-5pm, Dock 4.
        Ana > yes
        Ana < Do you mean Sat Nov 28 9am-5pm, Dock 4? Reply YES 1.
        Ana > yes
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
    """)


def test_a_number_nobody_gave(play):
    play(f"""
        {TWO_OFFERS}
        Ana > YES 5
        Ana < There is no open shift 5 for you. Which one?\\n{CHOICE}Reply with the number.
        Ana > #1
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
    """)


def test_no_to_one_leaves_the_other(play):
    play(f"""
        {TWO_OFFERS}
        Ana > NO 2
        Ana < OK Ana, not this one.
        Ana > YES 1
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
    """)


def test_something_else_was_said_in_between(play):
    play("""
        Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana
        Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ana > help
        Ana < Acme: texts about open shifts and your schedule; frequency varies. Help: \
help@example.com. Msg & data rates may apply. Reply STOP to opt out.
        Ana > yes
        Ana < Do you mean Sat Nov 28 9am-5pm, Dock 4? Reply YES 1.
        Ana > YES 1
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
    """)


def test_yes_when_nothing_is_open(play):
    play("""
        Mia offers Tue Nov 24 2pm-8pm, Dock 4 to Ana
        Ana < Acme: Tue Nov 24 2pm-8pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ana > no thanks
        Ana < OK Ana, not this one.
        (Fri Nov 27 9am)
        Ana > yes
        Ana < Thanks Ana, but no open shift is waiting for your answer right now.
    """)


def test_no_and_then_yes_after_all(play):
    play("""
        Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana
        Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ana > can't, sorry
        Ana < OK Ana, not this one.
        (5 minutes)
        Ana > yes
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
    """)


def test_a_no_that_may_mean_the_shift_she_holds_is_not_guessed(play):
    theatre = play("""
        Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana
        Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ana > yes
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
        Ana > no
        Ana < Sorry, I only understand YES, NO, DROP, HELP or STOP. Which one do you mean?
        Ana > DROP
        Ana < Sat Nov 28 9am-5pm, Dock 4 is no longer yours. Changed your mind? Reply YES within \
10 minutes.
        Mia < Ana gave back Sat Nov 28 9am-5pm, Dock 4. Nobody is on standby.
    """)
    assert theatre.inbox() == ["no"]
