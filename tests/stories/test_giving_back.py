"""Someone gives a shift back, and someone else gets it."""

ANA_HAS_IT = """
    Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana, Ben and Cara
    Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
    Ben < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
    Cara < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
    Ana > yes
    Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
    Ben > yes
    Ben < Thanks Ben, that shift was just filled. You are first on standby.
    Cara > yes
    Cara < Thanks Cara, that shift was just filled. You are second on standby.
"""
ANA_DROPS = """
    Ana > DROP
    Ana < Sat Nov 28 9am-5pm, Dock 4 is no longer yours. Changed your mind? Reply YES within \
10 minutes.
    Mia < Ana gave back Sat Nov 28 9am-5pm, Dock 4. 2 on standby.
"""
BEN_IS_ASKED = """
    Ben < Acme: An opening came back: Sat Nov 28 9am-5pm, Dock 4. Reply YES within 10 minutes \
to take it.
"""
CARA_IS_ASKED = BEN_IS_ASKED.replace("Ben <", "Cara <")


def test_the_first_on_standby_takes_it(play):
    play(f"""
        {ANA_HAS_IT}
        (1 hour)
        {ANA_DROPS}
        {BEN_IS_ASKED}
        Ben > yes
        Ben < It is yours, Ben: Sat Nov 28 9am-5pm, Dock 4.
        Mia < Sat Nov 28 9am-5pm, Dock 4 is filled again: Ben took it.
        (20 minutes)
    """)


def test_after_ten_minutes_the_next_one_is_asked(play):
    play(f"""
        {ANA_HAS_IT}
        {ANA_DROPS}
        {BEN_IS_ASKED}
        (9 minutes)
        (1 minute)
        {CARA_IS_ASKED}
        Cara > yes
        Cara < It is yours, Cara: Sat Nov 28 9am-5pm, Dock 4.
        Mia < Sat Nov 28 9am-5pm, Dock 4 is filled again: Cara took it.
        Ben > yes
        Ben < Thanks Ben, that shift was just filled. You are first on standby.
    """)


def test_nobody_on_standby_answers_and_the_manager_hears_it_once(play):
    play(f"""
        {ANA_HAS_IT}
        {ANA_DROPS}
        {BEN_IS_ASKED}
        (10 minutes)
        {CARA_IS_ASKED}
        (10 minutes)
        Mia < Nobody on standby took Sat Nov 28 9am-5pm, Dock 4; 1 of 1 still open.
        (2 hours)
    """)


def test_no_from_standby_asks_the_next_one_at_once(play):
    play(f"""
        {ANA_HAS_IT}
        {ANA_DROPS}
        {BEN_IS_ASKED}
        Ben > no
        Ben < OK Ben, not this one.
        {CARA_IS_ASKED}
        Cara > yes
        Cara < It is yours, Cara: Sat Nov 28 9am-5pm, Dock 4.
        Mia < Sat Nov 28 9am-5pm, Dock 4 is filled again: Cara took it.
    """)


def test_she_changes_her_mind_within_ten_minutes(play):
    play(f"""
        {ANA_HAS_IT}
        {ANA_DROPS}
        {BEN_IS_ASKED}
        (3 minutes)
        Ana > yes
        Ana < It is yours again, Ana: Sat Nov 28 9am-5pm, Dock 4.
        Mia < Ana took back Sat Nov 28 9am-5pm, Dock 4.
        Ben > yes
        Ben < Thanks Ben, but that opening is gone by now.
    """)


def test_she_changes_her_mind_too_late(play):
    play(f"""
        {ANA_HAS_IT}
        {ANA_DROPS}
        {BEN_IS_ASKED}
        Ben > yes
        Ben < It is yours, Ben: Sat Nov 28 9am-5pm, Dock 4.
        Mia < Sat Nov 28 9am-5pm, Dock 4 is filled again: Ben took it.
        Ana > yes
        Ana < Thanks Ana, that shift was just filled. You are second on standby.
    """)


def test_close_to_the_start_everyone_on_standby_is_asked_at_once(play):
    play(f"""
        {ANA_HAS_IT}
        (Fri Nov 27 6pm)
        Ana < Acme: a reminder for Ana: you work tomorrow, Sat Nov 28 9am-5pm, Dock 4.
        (Sat Nov 28 8am)
        {ANA_DROPS}
        {BEN_IS_ASKED}
        {CARA_IS_ASKED}
        Cara > yes
        Cara < It is yours, Cara: Sat Nov 28 9am-5pm, Dock 4.
        Mia < Sat Nov 28 9am-5pm, Dock 4 is filled again: Cara took it.
        Ben > yes
        Ben < Thanks Ben, but that opening is gone by now.
    """)


def test_two_shifts_and_one_drop(play):
    play("""
        Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana
        Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ana > yes
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
        Mia offers Sun Nov 29 9am-5pm, Dock 4 to Ana
        Ana < Acme: Sun Nov 29 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ana > yes
        Ana < It is yours, Ana: Sun Nov 29 9am-5pm, Dock 4.
        Ana > drop
        Ana < Which one do you want to drop?\\n1) Sat Nov 28 9am-5pm, Dock 4\\n2) Sun Nov 29 \
9am-5pm, Dock 4\\nReply DROP and the number.
        Ana > drop 1
        Ana < Sat Nov 28 9am-5pm, Dock 4 is no longer yours. Changed your mind? Reply YES within \
10 minutes.
        Mia < Ana gave back Sat Nov 28 9am-5pm, Dock 4. Nobody is on standby.
    """)


def test_nothing_to_drop(play):
    play("""
        Ana > drop
        Ana < You have no coming shift to drop, Ana.
    """)


def test_after_the_start_only_the_manager_can_change_it(play):
    play("""
        Mia offers Tue Nov 24 3pm-8pm, Dock 4 to Ana
        Ana < Acme: Tue Nov 24 3pm-8pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ana > yes
        Ana < It is yours, Ana: Tue Nov 24 3pm-8pm, Dock 4.
        (Tue Nov 24 4pm)
        Ana > drop
        Ana < That shift has already started, so only your manager can change it, Ana. Please \
tell them.
        Mia < Ana wants to give back a shift that has started: Tue Nov 24 3pm-8pm, Dock 4.
    """)
