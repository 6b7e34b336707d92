"""How one comes to a place, and from one to another."""

from __future__ import annotations

from http import HTTPStatus

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.choices import Language
from accounts.models import User
from lib.identifiers import row_number
from parks import page_sections, services, sessions
from parks.access import open_to_all, signed_in
from parks.actors import Actor
from parks.forms.people import RegistrationForm
from parks.models import Invitation, Membership
from parks.queries import people
from parks.requests import SignedInRequest, VisitorRequest
from parks.services.letters import place_name
from parks.services.people import InvitationNotOpen
from parks.views.forms import attempt, form_page
from tenancy.scopes import Author, login_scope


@signed_in
def membership_choose(request: SignedInRequest) -> HttpResponse:
    """One place at a time: choosing one leaves the other, and ends a support session."""
    places = people.places(request.user)
    onward = _safe_next(request)
    if request.method == "POST":
        membership = get_object_or_404(places, pk=row_number(request.POST.get("membership", "")))
        _leave_support(request)
        sessions.choose_membership(request, membership)
        return redirect(onward or settings.LOGIN_REDIRECT_URL)
    sections = page_sections.membership_choose.rendered(request, request.user)
    context = {
        "places": list(places),
        "closed": list(people.closed_places(request.user)),
        "next": onward,
        "sections": sections,
    }
    return render(request, "parks/membership_choose.html", context)


def _safe_next(request: VisitorRequest) -> str:
    """Where the person was going, if that is an address of this portal."""
    wanted = str(request.POST.get("next") or request.GET.get("next") or "")
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if own else ""


def _leave_support(request: VisitorRequest) -> None:
    actor: Actor | None = request.actor
    if actor is not None and actor.support_session_id is not None:
        # Signed in but in no scope: the trail must still say who ended the visit.
        with login_scope(actor.author):
            services.end_support_session(actor, timezone.now())


@open_to_all
@never_cache
def invitation_accept(request: VisitorRequest, token: str) -> HttpResponse:
    """The page of an invitation's link: take the place, with the account one has or with a new one.

    A link that was used, revoked, has expired or never existed: one page, which does not tell which.
    """
    offer = people.offer(services.digest_of(token), timezone.now())
    try:
        if request.method == "POST" and request.user.is_authenticated:
            return _accept(request, request.user, token, offer)
        return _register(request, token, offer) if offer else _gone(request)
    except InvitationNotOpen:
        return _gone(request)


def _gone(request: VisitorRequest) -> HttpResponse:
    return render(request, "parks/invitation_gone.html", status=HTTPStatus.GONE)


def _accept(request: VisitorRequest, user: User, token: str, offer: Invitation | None) -> HttpResponse:
    """Asked of the service even when the offer is gone: the second click of a double click finds its place taken."""
    form = Form(request.POST)
    taken: list[Membership] = []

    def act() -> None:
        with login_scope(Author(user.pk, user.name)):
            taken.append(services.accept_invitation(user=user, token=token, now=timezone.now()))

    if not (form.is_valid() and attempt(form, act, but=(InvitationNotOpen,))):
        return _offer_page(request, offer, form) if offer else _gone(request)
    sessions.choose_membership(request, taken[0])
    words = {"place": place_name(taken[0]), "roles": taken[0].role_words}
    messages.success(request, _("You act in %(place)s from now on. Your roles: %(roles)s.") % words)
    return redirect(settings.LOGIN_REDIRECT_URL)


def _register(request: VisitorRequest, token: str, offer: Invitation) -> HttpResponse:
    form = RegistrationForm(request.POST or None, email=offer.email)
    taken: list[Membership] = []

    def act() -> None:
        words = {name: form.cleaned_data[name] for name in ("name", "password")}
        with login_scope(Author(name=words["name"])):
            membership = services.register_by_invitation(
                token=token, language=get_language() or Language.CHINESE, now=timezone.now(), **words
            )
        taken.append(membership)

    if not (form.is_valid() and attempt(form, act, but=(InvitationNotOpen,))):
        return _offer_page(request, offer, form)
    response: HttpResponse = perform_login(
        request, taken[0].user, email_verification="none", redirect_url=settings.LOGIN_REDIRECT_URL
    )
    sessions.choose_membership(request, taken[0])
    return response


def _offer_page(request: VisitorRequest, offer: Invitation, form: Form) -> HttpResponse:
    return form_page(
        request, "parks/invitation_accept.html", form, offer=offer, way=_way(request, offer), next=request.path
    )


def _way(request: VisitorRequest, offer: Invitation) -> str:
    """What this visitor has to do to take the place; "later" when it cannot be taken now."""
    if offer.park is not None and offer.park.is_read_only:
        return "later"
    if request.user.is_authenticated:
        return "accept" if request.user.email.lower() == offer.email.lower() else "other_person"
    return "sign_in" if User.objects.with_address(offer.email).exists() else "register"
