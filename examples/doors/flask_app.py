import os
import secrets

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import IntegrityError

from unlatch import UserEntity
from unlatch.adapters.flask import Unlatch
from unlatch.adapters.http import HttpCode, Rejected, Users

app = Flask(__name__, static_url_path="")
app.config.update(
    SECRET_KEY=os.environ.get("SECRET_KEY", secrets.token_hex()),  # set it, or a restart signs everybody out
    SESSION_COOKIE_SAMESITE="Lax",  # on https also SESSION_COOKIE_SECURE=True
    SQLALCHEMY_DATABASE_URI="sqlite:///shop.sqlite3",
    UNLATCH_RP_ID="localhost",  # your domain, with UNLATCH_ORIGINS=["https://..."] or without
    UNLATCH_ORIGINS=["http://localhost:5000"],
)
db = SQLAlchemy(app)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(64), unique=True, nullable=False)
    handle = db.Column(db.LargeBinary(64), unique=True, nullable=False)  # what passkeys call the user


def find(**by):
    user = db.session.scalars(db.select(User).filter_by(**by)).one_or_none()
    return user and UserEntity(user.handle, user.name)


def create(user):
    try:
        with db.session.begin_nested():
            db.session.add(User(name=user.name, handle=user.id))
    except IntegrityError:
        raise Rejected(HttpCode.USERNAME_TAKEN) from None


users = Users(by_handle=lambda handle: find(handle=handle), by_name=lambda name: find(name=name), create=create)
unlatch = Unlatch(app, users=users, db=db)


@app.get("/")
def page():
    return app.send_static_file("index.html")


@app.post("/launch")
@unlatch.passkey_required(max_age=60, purpose="launch")
def launch():
    return {"by": unlatch.current_user().name}


with app.app_context():
    db.create_all()
