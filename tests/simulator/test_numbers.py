"""Numbers, registration, extension and account: what a client checks before it sends."""

from __future__ import annotations

from tests.simulator.rig import DESK, ME, Rig, codes

BRANDS = "/restapi/v1.0/account/~/sms-registration-brands"


def test_the_list_holds_a_number_that_cannot_text_and_one_that_can():
    body = Rig(senders=2).http.get(f"{ME}/phone-number").json()
    assert [(r["phoneNumber"], "SmsSender" in r["features"]) for r in body["records"]] == [
        ("+16505550199", False),
        (DESK, True),
    ]
    assert body["records"][1]["extension"]["id"] == 62893
    assert body["paging"]["totalElements"] == 2


def test_the_list_is_paged_and_filtered():
    rig = Rig()
    page = rig.http.get(f"{ME}/phone-number?perPage=1&page=2").json()
    assert [r["phoneNumber"] for r in page["records"]] == [DESK]
    assert page["navigation"]["previousPage"]["uri"].endswith("page=1&perPage=1")
    direct = rig.http.get(f"{ME}/phone-number?usageType=DirectNumber").json()
    assert [r["phoneNumber"] for r in direct["records"]] == [DESK]


def test_the_account_lists_every_number():
    records = Rig(senders=3).http.get("/restapi/v1.0/account/~/phone-number").json()["records"]
    assert len(records) == 4


def test_a_number_tells_its_campaign_and_an_unlinked_one_tells_nothing():
    rig = Rig()
    body = rig.http.get(f"{ME}/phone-number/40101/sms-configuration").json()
    assert body["phoneNumber"] == DESK
    assert body["smsCampaignInfo"]["status"] == "Confirmed"
    rig.world.faults.set("campaign_suspended", rate=1.0)
    body = rig.http.get(f"{ME}/phone-number/40101/sms-configuration").json()
    assert body["smsCampaignInfo"]["status"] == "CampaignSuspended"
    body = rig.http.get(f"{ME}/phone-number/40001/sms-configuration").json()
    assert "smsCampaignInfo" not in body
    assert codes(rig.http.get(f"{ME}/phone-number/1/sms-configuration")) == (404, "CMN-102")


def test_brand_and_campaign_are_registered():
    rig = Rig()
    [brand] = rig.http.get(BRANDS).json()["records"]
    [campaign] = rig.http.get(f"{BRANDS}/{brand['id']}/campaigns").json()["records"]
    assert (brand["status"], campaign["status"]) == ("Verified", "Confirmed")
    path = f"{BRANDS}/{brand['id']}/campaigns/{campaign['id']}"
    assert rig.http.get(path).json() == campaign
    assert rig.http.get(f"{BRANDS}/{brand['id']}").json() == brand
    assert codes(rig.http.get(f"{BRANDS}/1")) == (404, "CMN-102")
    assert codes(rig.http.get(f"{BRANDS}/{brand['id']}/campaigns/1")) == (404, "CMN-102")


def test_the_extension_and_the_account_describe_themselves():
    rig = Rig(senders=2)
    own = rig.http.get(ME).json()
    assert (own["id"], own["extensionNumber"], own["status"]) == (62893, "101", "Enabled")
    assert rig.http.get("/restapi/v1.0/account/80964").json()["mainNumber"] == "+16505550199"
    number = rig.http.get("/restapi/v1.0/account/~/phone-number/40102").json()
    assert number["extension"]["id"] == 62894
    theirs = rig.http.get("/restapi/v1.0/account/~/extension/62894")
    assert codes(theirs) == (403, "CMN-404")


def test_the_versions_need_no_login():
    rig = Rig(logged_in=False)
    assert rig.http.get("/restapi").json()["apiVersions"][0]["uriString"] == "v1.0"
    assert rig.http.get("/restapi/v1.0").json()["uriString"] == "v1.0"
