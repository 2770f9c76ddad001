"""Tokens over REST: made once, bounded, rotated, revoked, and all of it in the audit."""

from ipaddress import ip_address

import httpx

from tests.parts.suite import Suite, pretty
from tests.parts.waiting import eventually


def make(client: httpx.Client, **told: object) -> dict[str, object]:
    answer = client.post("/api/tokens", json={"name": "e2e", **told})
    assert answer.status_code == 201, pretty(answer)
    made: dict[str, object] = answer.json()
    return made


async def test_the_life_of_a_token(suite: Suite) -> None:
    with suite.client() as admin:
        user_id = admin.get("/api/users/current").json()["id"]
        made = make(
            admin,
            scopes=["alerts:read"],
            user={"id": user_id},
            expiresAt="2100-01-01T00:00:00Z",
        )
        assert (made["userId"], made["expireTime"]) == (user_id, "2100-01-01T00:00:00Z")
        place = f"/api/tokens/{made['id']}"
        assert "token" not in admin.get(place).json()

        def works(token: object) -> bool:
            with httpx.Client(base_url=str(admin.base_url)) as client:
                shown = {"Authorization": f"Bearer {token}"}
                answer = client.get("/api/alerts", headers=shown)
                forbidden = client.get("/api/tokens", headers=shown)
            assert answer.status_code in (200, 403), pretty(answer)
            assert forbidden.status_code == 403
            return answer.status_code == 200

        assert await eventually(lambda: works(made["token"]))
        rotated = admin.post(f"{place}/rotate", json={"overlapSeconds": 60})
        assert rotated.status_code == 200, pretty(rotated)
        fresh = rotated.json()["token"]
        assert await eventually(lambda: works(fresh))
        assert works(made["token"])
        assert admin.post(f"{place}/rotate", json={"overlapSeconds": -1}).status_code == 400

        assert admin.delete(place).status_code == 204
        await eventually(lambda: not works(fresh))
        assert not works(made["token"])

        entries = admin.get(
            "/api/audit-entries/people", params={"target": f"token:{made['id']}"}
        ).json()
        assert [entry["action"] for entry in entries] == [
            "token.revoke",
            "token.rotate",
            "token.create",
        ]
        # Of a caller on its own machine, Envoy tells an address that the machine has.
        assert str(ip_address(entries[0]["peer"])) == entries[0]["peer"]
        assert str(made["token"]) not in str(entries)
        for part in ("alerts", "sources", "notifications"):
            answer = admin.get(f"/api/audit-entries/{part}", params={"max-results": 1})
            assert answer.status_code == 200, pretty(answer)
            assert isinstance(answer.json(), list)
