"""Day by day through the script, one customer after the other: what falls due in the morning, then what the customer does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from nextbill_lab.simulate.recount.account import Account, Line
from nextbill_lab.simulate.recount.arithmetic import NOTHING, months_after, portion, spread, units
from nextbill_lab.simulate.recount.calendar import NAME_ALONE, NAME_PAID_BY, NAME_RIDES, Billed, Item, Name, Plan, Service
from nextbill_lab.simulate.script import Deed, Life, Script
from nextbill_lab.simulate.shop import BY_CODE, BY_COUPON, MONTHS_PAID_PER_YEAR, RISE, TLDS

NAME = "domain"
FAR = "12/44"


@dataclass
class Customer:
    """What somebody with a pencil knows of a customer."""

    life: Life
    account: Account
    services: list[Service] = field(default_factory=list)
    names: list[Name] = field(default_factory=list)

    def standing(self, service: Service, today: date) -> str:
        """What is active is past due from the day after one of its invoices was to be paid."""
        papers = [self.account.invoices[one.paper] for one in service.billed.values() if one.paper is not None]
        late = any(invoice.open and invoice.due < today for invoice in papers)
        return "past_due" if service.state == "active" and late else service.state

    @property
    def kept_names(self) -> list[str]:
        """With the day on which each expires: a year later where the invoice over it is paid."""
        found = []
        for name in self.names:
            renewed = name.paper is not None and not self.account.invoices[name.paper].open
            found.append(f"{name.domain} until {months_after(name.expires, 12) if renewed else name.expires}")
        return sorted(found)


def count(script: Script) -> dict[str, Customer]:
    """By e-mail."""
    found = {}
    for life in script.lives:
        walker = _Walker(script, life)
        day = script.begins
        while day < script.until:
            walker.live(day)
            day += timedelta(days=1)
        found[life.email] = walker.customer
    return found


class _Walker:
    def __init__(self, script: Script, life: Life) -> None:
        self._script = script
        self.customer = Customer(life, Account.of(life.country, life.currency, business=life.tax_id is not None))

    @property
    def _account(self) -> Account:
        return self.customer.account

    def live(self, today: date) -> None:
        for place, service in enumerate(self.customer.services):
            self._falls_due(place, service, today)
        self._bill_names(today)
        self._account.charge_due(today)
        if today == self._script.rise_on:
            for service in self.customer.services:
                self._announce(service)
        for deed in self.customer.life.deeds:
            if deed.day == today:
                self._do(deed, today)

    # --- the morning ----------------------------------------------------------------------------------------------------------------

    def _falls_due(self, place: int, service: Service, today: date) -> None:
        if not service.alive:
            return
        self._change_over(service, today)
        if service.cancel_on is not None and service.cancel_on <= today:
            service.state = "ended" if service.number >= 0 else "cancelled"
            return
        if service.resume_on is not None and service.resume_on <= today:
            service.go_on(service.resume_on)
        while (due := service.bill_on) is not None and due <= today:
            self._bill(place, service, today)
        service.roll(today)

    def _change_over(self, service: Service, today: date) -> None:
        if service.next_plan is not None and service.next_plan[0] <= today:
            service.plan, service.next_plan = service.next_plan[1], None
        if service.rise is not None and service.rise[0] <= today:
            if service.billed_until > today:
                service.rise = (service.billed_until, service.rise[1])
            else:
                service.plan.items[0].price, service.rise = service.rise[1], None

    def _bill(self, place: int, service: Service, today: date) -> None:
        number = service.last + 1
        start, end = service.period(number)
        net = service.price_of(number)
        paper = None
        if net:
            due = max(start, today)
            riding = [name for name in self.customer.names if name.is_near(today, NAME_RIDES) and due < max(name.expires, today + timedelta(days=1))]
            paper = self._write([self._account.line(service.plan.code, net, owner=place)], riding, today, due)
        service.billed[number] = Billed(start, end, paper)

    def _bill_names(self, today: date) -> None:
        """By themselves, where nothing else was billed for them to stand beside."""
        for name in self.customer.names:
            if name.is_near(today, NAME_ALONE):
                self._write([], [name], today, max(name.expires - timedelta(days=NAME_PAID_BY), today))

    def _write(self, lines: list[Line], names: list[Name], today: date, due: date) -> int:
        """An invoice that is charged on its day if there is a card by then."""
        paper = self._account.write([*lines, *(self._account.line(NAME, name.price) for name in names)], day=today, due=due)
        for name in names:
            name.paper = paper
        if self._account.card is not None:
            self._account.invoices[paper].try_on = due
        return paper

    def _announce(self, service: Service) -> None:
        main = service.plan.items[0]
        if not service.alive or service.currency != RISE.currency or (main.code, service.plan.cycle) != (RISE.plan, "month"):
            return
        number = service.last + 1
        while service.period(number)[0] < self._script.rise_from:
            number += 1
        service.rise = (service.period(number)[0], units(RISE.monthly, service.currency))

    # --- what the customer does -----------------------------------------------------------------------------------------------------

    def _do(self, deed: Deed, today: date) -> None:
        facts = deed.facts
        if deed.kind == "sign_up":
            self._buy(facts, today)
        elif deed.kind == "save_card":
            self._account.keep_card(facts["card"], facts["exp"], today)
        elif deed.kind == "pay_open":
            for invoice in self._account.invoices:
                if invoice.open:
                    self._account.pay(invoice)
        else:
            service = self.customer.services[0]
            if deed.kind == "change":
                self._change(service, facts, today)
            elif deed.kind == "pause":
                self._void_unpaid(service)
                service.state, service.paused_on, service.resume_on = "paused", today, today + timedelta(days=facts["days"])
                service.next_plan = None
            elif deed.kind == "reactivate":
                service.cancel_on = None
            elif deed.kind == "cancel":
                self._cancel(service, facts["at"], today)

    def _price(self, code: str, cycle: str, today: date) -> Decimal:
        currency = self._account.currency
        minor = BY_CODE[code].monthly[currency]
        raised = code == RISE.plan and currency == RISE.currency and cycle == "month" and today > self._script.rise_on
        minor = RISE.monthly if raised or (today == self._script.rise_on and self._rise_of_today(code, cycle)) else minor
        return units(minor * (MONTHS_PAID_PER_YEAR if cycle == "year" else 1), currency)

    def _rise_of_today(self, code: str, cycle: str) -> bool:
        """On its own day the price is raised before anybody buys."""
        return code == RISE.plan and self._account.currency == RISE.currency and cycle == "month"

    def _buy(self, facts: Mapping[str, Any], today: date) -> None:
        account, currency, cycle = self._account, self._account.currency, facts["cycle"]
        sold = BY_CODE[facts["plan"]]
        items = [Item(sold.code, facts["quantity"], self._price(sold.code, cycle, today))]
        items += [Item(code, 1, self._price(code, cycle, today)) for code in facts["addons"]]
        place = len(self.customer.services)
        lines = [] if sold.trial_days else self._first_lines(items, facts, place)
        if facts["bought_name"]:
            tld = facts["domain"].rpartition(".")[2]
            price = units(TLDS[tld][currency], currency)
            self.customer.names.append(Name(facts["domain"], months_after(today, 12), price))
            included = tld in sold.names and cycle == "year"
            lines.append(account.line(NAME, NOTHING if included else price))
        paper = None
        if sum((line.net for line in lines), NOTHING):
            paper = account.write(lines, day=today, due=today)
            account.pay(account.invoices[paper])
            if facts["card"]:
                account.keep_card(facts["card"], FAR, today)
        service = Service.begun(facts, Plan(items, cycle), currency, on=today, trial_days=sold.trial_days, paper=paper)
        self.customer.services.append(service)

    def _first_lines(self, items: list[Item], facts: Mapping[str, Any], place: int) -> list[Line]:
        """A line for each thing, less its coupon; setups come without one."""
        currency, coupon = self._account.currency, BY_COUPON.get(facts["coupon"])
        trial = Service.begun(facts, Plan(items, facts["cycle"]), currency, on=date(2000, 1, 1), trial_days=0, paper=None)
        offs = trial.off(items, 0) if coupon else [NOTHING for _ in items]
        lines = []
        for item, off in zip(items, offs, strict=True):
            lines.append(self._account.line(items[0].code, item.cost - off, owner=place))
            setup = BY_CODE[item.code].setup
            if setup:
                lines.append(self._account.line(items[0].code, units(setup[currency], currency), owner=place, once=True))
        return lines

    def _cancel(self, service: Service, at: str, today: date) -> None:
        service.next_plan = None
        self._void_unpaid(service)
        if at == "period_end":
            service.cancel_on = max(service.billed_until, today)
            return
        if service.number >= 0:
            self._return_unused(service, service.paused_on or today)
        service.state = "ended" if service.number >= 0 else "cancelled"

    def _void_unpaid(self, service: Service) -> None:
        """What was billed ahead and nobody paid anything of is off again."""
        place = self.customer.services.index(service)
        for number in sorted(service.billed, reverse=True):
            paper = service.billed[number].paper
            if number <= service.number or (paper is not None and self._account.invoices[paper].paid):
                break
            if paper is not None:
                invoice = self._account.invoices[paper]
                for line in invoice.lines:
                    if line.owner == place and line.left:
                        self._account.give_back(invoice, line, line.net - line.credited_net)
            del service.billed[number]

    def _unused(self, service: Service, today: date) -> list[tuple[Item, Decimal]]:
        """Each item's price less its coupon, for the days of what is billed that are left."""
        found = []
        for number, start, end in service.ahead(today):
            left, whole = (end - max(start, today)).days, (end - start).days
            for item, off in zip(service.plan.items, service.off(service.plan.items, number), strict=True):
                found.append((item, portion(item.cost - off, left, whole, service.currency)))
        return found

    def _return_unused(self, service: Service, today: date) -> None:
        """As credit notes: on changes of this period first, then on what billed the days, the youngest first."""
        left = sum((net for _, net in self._unused(service, today)), NOTHING)
        place = self.customer.services.index(service)
        changes = [paper for day, paper in service.papers_of_changes if day >= service.start]
        periods = [one.paper for _, one in sorted(service.billed.items()) if one.end > today and one.paper is not None]
        for paper in dict.fromkeys([*reversed(changes), *reversed(periods)]):
            invoice = self._account.invoices[paper]
            for line in invoice.lines:
                if line.owner == place and not line.once and line.left and left:
                    taken = min(left, line.net - line.credited_net)
                    self._account.give_back(invoice, line, taken)
                    left -= taken

    # --- changes --------------------------------------------------------------------------------------------------------------------

    def _change(self, service: Service, facts: Mapping[str, Any], today: date) -> None:
        target = self._target(service, facts, today)
        if target.cycle != service.plan.cycle:
            self._recycle(service, target, today)
        elif target.cost <= service.plan.cost:
            service.next_plan = (service.billed_until, target)
        else:
            self._upgrade(service, target, today)

    def _target(self, service: Service, facts: Mapping[str, Any], today: date) -> Plan:
        """What is kept keeps its price; what is new, and everything of another cycle, has today's."""
        plan, cycle = service.plan, facts.get("cycle", service.plan.cycle)
        known = {item.code: item.price for item in plan.items} if cycle == plan.cycle else {}
        main = facts.get("plan", plan.code)
        addons = facts.get("addons", [item.code for item in plan.items[1:]])
        pieces = facts.get("quantity", plan.items[0].pieces)
        wanted = [(main, pieces), *((code, 1) for code in addons)]
        return Plan([Item(code, many, known.get(code) or self._price(code, cycle, today)) for code, many in wanted], cycle)

    def _upgrade(self, service: Service, target: Plan, today: date) -> None:
        """For the days that are billed and left: what comes, less what goes. What stays the same is left out."""
        back, comes = NOTHING, []
        before = {item.code: item for item in service.plan.items}
        for number, start, end in service.ahead(today):
            left, whole = (end - max(start, today)).days, (end - start).days
            old = dict(zip(before, service.off(service.plan.items, number), strict=True))
            new = {item.code: (item, off) for item, off in zip(target.items, service.off(target.items, number), strict=True)}
            for code, item in before.items():
                if code not in new:
                    back += portion(item.cost - old[code], left, whole, service.currency)
            for code, (item, off) in new.items():
                net = portion(item.cost - off, left, whole, service.currency)
                if code in before:
                    net -= portion(before[code].cost - old[code], left, whole, service.currency)
                if net:
                    comes.append(net)
        self._ask(service, target, comes, back, today)
        service.plan = target

    def _recycle(self, service: Service, target: Plan, today: date) -> None:
        """The days of the old cycle that are left come off the first period of the new one, which begins today. A coupon for some periods ends."""
        number = service.last + 1
        back = sum((net for _, net in self._unused(service, today)), NOTHING)
        if service.coupon_until is not None:
            service.coupon_until = min(service.coupon_until, 0)
        comes = [item.cost - off for item, off in zip(target.items, service.off(target.items, number), strict=True)]
        paper = self._ask(service, target, comes, back, today)
        service.rise = None
        service.plan, service.anchor, service.anchor_number, service.number = target, today, number, number
        service.start, service.end = service.period(number)
        service.billed = {number: Billed(service.start, service.end, paper)}

    def _ask(self, service: Service, target: Plan, comes: list[Decimal], back: Decimal, today: date) -> int:
        """An invoice over each thing that comes, less its share of what comes back; paid on the spot."""
        place = self.customer.services.index(service)
        offs = spread(back, comes, service.currency) if back else [NOTHING for _ in comes]
        lines = [self._account.line(target.code, net - off, owner=place) for net, off in zip(comes, offs, strict=True)]
        paper = self._account.write(lines, day=today, due=today)
        self._account.pay(self._account.invoices[paper])
        service.papers_of_changes.append((today, paper))
        if target.code != service.plan.code:
            service.rise = None
        return paper
