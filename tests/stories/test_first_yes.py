"""The first YES gets the shift; everyone else hears how it stands."""


def test_two_people_want_one_shift(play):
    play("""
        Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana and Ben
        Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ben < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        (2 minutes)
        Ben > Yes!!
        Ben < It is yours, Ben: Sat Nov 28 9am-5pm, Dock 4.
        Ana > yes
        Ana < Thanks Ana, that shift was just filled. You are first on standby.
        (1 hour)
    """)


def test_the_very_first_text_says_what_carriers_require(play):
    play(
        """
        Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana
        Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out. Acme texts \
you about open shifts and your schedule; frequency varies. Msg & data rates may apply. Reply HELP \
for help, STOP to opt out.
        Ana > yes
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
        """,
        newcomers=True,
    )


def test_two_openings_take_two_people(play):
    theatre = play("""
        Mia offers 2 openings Sat Nov 28 9am-5pm, Dock 4 to Ana, Ben and Cara
        Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ben < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Cara < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Cara > I can take it
        Cara < It is yours, Cara: Sat Nov 28 9am-5pm, Dock 4.
        Ana > yes please
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
        Ben > ok yes
        Ben < Thanks Ben, that shift was just filled. You are first on standby.
    """)
    assert theatre.holders() == {"Ana", "Cara"}


def test_yes_twice_is_still_one_shift(play):
    play("""
        Mia offers 2 openings Sat Nov 28 9am-5pm, Dock 4 to Ana
        Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ana > yes
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
        Ana > yes
        Ana < It is already yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
        (nothing)
    """)


def test_yes_after_the_shift_was_cancelled(play):
    play("""
        Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana and Ben
        Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ben < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ben > yes
        Ben < It is yours, Ben: Sat Nov 28 9am-5pm, Dock 4.
        Mia cancels Sat Nov 28 9am-5pm, Dock 4
        Ben < Acme: cancelled, Ben: Sat Nov 28 9am-5pm, Dock 4. You are not needed for this shift.
        Ana > yes
        Ana < Thanks Ana, but that shift was cancelled: Sat Nov 28 9am-5pm, Dock 4.
        (nothing)
    """)


def test_yes_after_the_start_is_answered_at_night_too(play):
    play("""
        Mia offers Tue Nov 24 8pm-4am, Dock 4 to Ana
        Ana < Acme: Tue Nov 24 8pm-4am, Dock 4. Reply YES to take it, STOP to opt out.
        (Tue Nov 24 11pm)
        Ana > yes
        Ana < Thanks Ana, but that shift has already started: Tue Nov 24 8pm-4am, Dock 4.
        (nothing)
    """)


def test_nobody_works_in_two_places_at_once(play):
    play("""
        Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana
        Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Mia offers Sat Nov 28 3pm-11pm, Dock 4 to Ana
        Ana < Acme: Sat Nov 28 3pm-11pm, Dock 4. Reply YES 2 to take it, STOP to opt out.
        Ana > YES 1
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
        Ana > YES 2
        Ana < Thanks Ana, but you already work then: Sat Nov 28 9am-5pm, Dock 4.
    """)


def test_a_conversation_in_spanish(play):
    play(
        """
        Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana and Ben
        Ana < Acme: sab 28 nov 9am-5pm, Dock 4. Responde SI para tomarlo, STOP para darte de baja.
        Ben < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ana > sí, yo puedo
        Ana < Es tuyo, Ana: sab 28 nov 9am-5pm, Dock 4.
        Ben > yes
        Ben < Thanks Ben, that shift was just filled. You are first on standby.
        """,
        Ana="es",
    )


def test_a_reminder_the_evening_before_and_a_yes_to_it(play):
    play("""
        Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana
        Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ana > yes
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
        (Fri Nov 27 6pm)
        Ana < Acme: a reminder for Ana: you work tomorrow, Sat Nov 28 9am-5pm, Dock 4.
        Ana > yes see you there
        Ana < It is already yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
    """)


def test_the_shift_is_filled_by_sync_alone_when_no_webhook_comes(play):
    theatre = play(
        """
        Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana and Ben
        Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ben < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        (2 minutes)
        Ben > Yes!!
        Ben < It is yours, Ben: Sat Nov 28 9am-5pm, Dock 4.
        Ana > yes
        Ana < Thanks Ana, that shift was just filled. You are first on standby.
        Ben > drop
        Ben < Sat Nov 28 9am-5pm, Dock 4 is no longer yours. Changed your mind? Reply YES within \
10 minutes.
        Mia < Ben gave back Sat Nov 28 9am-5pm, Dock 4. 1 on standby.
        Ana < Acme: An opening came back: Sat Nov 28 9am-5pm, Dock 4. Reply YES within 10 \
minutes to take it.
        Ana > yes
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
        Mia < Sat Nov 28 9am-5pm, Dock 4 is filled again: Ana took it.
        """,
        webhooks=False,
    )
    assert not theatre.stage.world.deliveries


def test_doubled_and_reordered_webhooks_change_nothing(play):
    theatre = play("")
    theatre.stage.world.faults.set("webhook_doubled", rate=1)
    theatre.stage.world.faults.set("webhook_reordered", rate=0.5)
    theatre.play("""
        Mia offers Sat Nov 28 9am-5pm, Dock 4 to Ana and Ben
        Ana < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ben < Acme: Sat Nov 28 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out.
        Ana > yes
        Ana < It is yours, Ana: Sat Nov 28 9am-5pm, Dock 4.
        Ben > yes
        Ben < Thanks Ben, that shift was just filled. You are first on standby.
        (10 minutes)
    """)
    assert any(each.status == 200 for each in theatre.stage.world.deliveries)
